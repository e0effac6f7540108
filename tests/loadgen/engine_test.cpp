#include "loadgen/engine.h"

#include <mutex>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/text.h"
#include "loadgen/duration.h"
#include "loadgen/net/client_connection.h"
#include "loadgen/profiles/registry.h"
#include "loadgen/template_source.h"
#include "tests/case_name.h"
#include "tests/loadgen/test_peer.h"

namespace s1flow::loadgen {
namespace {

using std::chrono::milliseconds;

std::unique_ptr<RequestSource> source_of(const Endpoint& endpoint) {
  TemplateClass c;
  c.body = "number {{number}} of many";
  return *make_template_source(fmt::format("127.0.0.1:{}", endpoint.port), {c}, 1);
}

Plan plan_of(double rate, Nanoseconds duration) {
  Plan plan;
  plan.add("measure", PhaseKind::measure, duration, constant_schedule(rate, duration));
  return plan;
}

EngineOptions options_for(const Endpoint& endpoint, std::uint64_t connections) {
  EngineOptions options;
  options.endpoint = endpoint;
  options.connections = connections;
  options.timeout = milliseconds(2000);
  options.drain = milliseconds(4000);
  return options;
}

void reset(int socket) {
  const linger at_once{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

struct FaultCase {
  const char* name;
  Outcome outcome;
  PeerAction action;
};
class EngineFaultTest : public testing::TestWithParam<FaultCase> {};

TEST_P(EngineFaultTest, EndsEveryRequestInItsOwnOutcome) {
  const TestPeer peer(GetParam().action);
  EngineOptions options = options_for(peer.endpoint(), 2);
  if (GetParam().outcome == Outcome::timeout) options.timeout = milliseconds(60);
  const auto result =
      run_plan(options, plan_of(50, milliseconds(400)), *source_of(peer.endpoint()), nullptr, {});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->phases[0].scheduled, 20U);
  const ClassRecord total = result->recorder.total(0);
  EXPECT_EQ(total.ended(), 20U);
  std::string seen;
  for (std::size_t i = 0; i < kOutcomes; ++i)
    if (total.outcomes[i] != 0) seen += fmt::format(" {} {}", kOutcomeNames[i], total.outcomes[i]);
  // Behind a peer that never answers the last ones cannot be sent in their time.
  const std::uint64_t dropped = total.count(Outcome::dropped);
  EXPECT_EQ(total.count(GetParam().outcome) + dropped, 20U) << seen;
  EXPECT_GT(total.count(GetParam().outcome), 0U) << seen;
  if (GetParam().outcome != Outcome::timeout) {
    EXPECT_EQ(dropped, 0U) << seen;
  }
  EXPECT_EQ(total.failed.count(),
            GetParam().outcome == Outcome::ok ? 0U : total.count(GetParam().outcome));
}

const FaultCase kFaults[] = {
    {"ok", Outcome::ok, [](int s, const std::string&) { return send_text(s, reply(200, "yes")); }},
    {"ok_then_close", Outcome::ok,
     [](int s, const std::string&) {
       return send_text(s, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n") &&
              false;
     }},
    {"ok_until_close", Outcome::ok,
     [](int s, const std::string&) { return send_text(s, "HTTP/1.1 200 OK\r\n\r\nall") && false; }},
    {"ok_in_chunks", Outcome::ok,
     [](int s, const std::string&) {
       return send_text(s, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n") &&
              send_text(s, "0\r\n\r\n");
     }},
    {"client_error", Outcome::http_4xx,
     [](int s, const std::string&) { return send_text(s, reply(404, "")); }},
    {"server_error", Outcome::http_5xx,
     [](int s, const std::string&) { return send_text(s, reply(503, "busy")); }},
    {"redirect_not_followed", Outcome::http_3xx,
     [](int s, const std::string&) {
       return send_text(s, "HTTP/1.1 302 X\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
     }},
    {"no_http", Outcome::bad_response,
     [](int s, const std::string&) { return send_text(s, "220 mail ready\r\n"); }},
    {"bytes_behind", Outcome::garbage,
     [](int s, const std::string&) { return send_text(s, reply(200, "yes") + "more"); }},
    {"close_at_once", Outcome::closed_early, [](int, const std::string&) { return false; }},
    {"half_an_answer", Outcome::closed_early,
     [](int s, const std::string&) {
       return send_text(s, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha") && false;
     }},
    {"half_close", Outcome::closed_early,
     [](int s, const std::string&) { return ::shutdown(s, SHUT_WR) == 0; }},
    {"reset", Outcome::reset,
     [](int s, const std::string&) {
       reset(s);
       return false;
     }},
    {"silence", Outcome::timeout, [](int, const std::string&) { return true; }},
};
INSTANTIATE_TEST_SUITE_P(Peers, EngineFaultTest, testing::ValuesIn(kFaults), case_name<FaultCase>);

class EngineThreadsTest : public testing::TestWithParam<std::uint64_t> {};

TEST_P(EngineThreadsTest, SendsTheSameBytesWhateverTheNumberOfThreads) {
  std::mutex mutex;
  std::multiset<std::string> bodies;
  const TestPeer peer([&](int s, const std::string& body) {
    {
      const std::lock_guard lock(mutex);
      bodies.insert(body);
    }
    return send_text(s, reply(200, ""));
  });
  EngineOptions options = options_for(peer.endpoint(), 6);
  options.threads = GetParam();
  const auto result =
      run_plan(options, plan_of(500, milliseconds(200)), *source_of(peer.endpoint()), nullptr, {});
  ASSERT_TRUE(result) << result.error().message();
  EXPECT_EQ(result->recorder.total(0).count(Outcome::ok), 100U);
  EXPECT_EQ(peer.connections(), 6) << "connections exactly as asked";
  ASSERT_EQ(bodies.size(), 100U);
  std::uint64_t number = 0;
  for (const std::string& body : bodies)
    EXPECT_EQ(body, fmt::format("number {:020} of many", number++));
}
INSTANTIATE_TEST_SUITE_P(Threads, EngineThreadsTest, testing::Values(1, 2, 5));

TEST(EngineTest, SaysThatNobodyListens) {
  Endpoint nobody;
  {
    const TestPeer peer([](int, const std::string&) { return true; });
    nobody = peer.endpoint();
  }
  EngineOptions options = options_for(nobody, 2);
  options.connect_timeout = milliseconds(50);
  const auto result =
      run_plan(options, plan_of(50, milliseconds(100)), *source_of(nobody), nullptr, {});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->end, RunEnd::unreachable);
  EXPECT_NE(result->reason.find("refused"), std::string::npos) << result->reason;
}

TEST(EngineTest, RefusesATargetThatIsNotPermitted) {
  const auto far = numeric_endpoint("192.0.2.1", 80);
  const auto result =
      run_plan(options_for(*far, 1), plan_of(1, milliseconds(10)), *source_of(*far), nullptr, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), ErrorKind::usage);
}

TEST(EngineTest, FollowsNoRedirectAndAsksNoProxy) {
  const TestPeer elsewhere([](int s, const std::string&) { return send_text(s, reply(200, "")); });
  const std::string there = fmt::format("http://127.0.0.1:{}/", elsewhere.endpoint().port);
  for (const char* name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"})
    ::setenv(name, there.c_str(), 1);
  const TestPeer peer([&](int s, const std::string&) {
    return send_text(
        s, fmt::format("HTTP/1.1 307 X\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", there));
  });
  const auto result = run_plan(options_for(peer.endpoint(), 2), plan_of(50, milliseconds(200)),
                               *source_of(peer.endpoint()), nullptr, {});
  for (const char* name : {"http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->recorder.total(0).count(Outcome::http_3xx), 10U);
  EXPECT_EQ(peer.requests(), 10);
  EXPECT_EQ(elsewhere.connections(), 0);
}

class NobodysOwner final : public ConnectionOwner {
 public:
  void on_ready(ClientConnection&) override {}
  void on_end(ClientConnection&, Outcome, std::string_view) override {}
  void on_lost(ClientConnection&, Outcome) override {}
};

TEST(ClientConnectionDeathTest, AsksForPermissionOnEachConnect) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  Poller poller = *Poller::make();
  NobodysOwner owner;
  const AllowList allowed = *AllowList::parse("192.0.2.1,192.0.2.1,443\n", "list");
  Endpoint endpoint = *numeric_endpoint("127.0.0.1", 9);
  ConnectionContext context{poller, owner, endpoint, allowed};
  ClientConnection connection(context);
  (void)connection.open();
  connection.close();
  // Changed after it was permitted: host and port are right, the address is not.
  endpoint = *numeric_endpoint("192.0.2.2", 443);
  endpoint.host = "192.0.2.1";
  EXPECT_DEATH((void)connection.open(), "permits");
}

TEST(EngineTest, EndsWithAWholeResultWhenItIsStopped) {
  std::atomic<bool> stop{false};
  const TestPeer peer([&](int s, const std::string&) {
    stop = true;
    return send_text(s, reply(200, ""));
  });
  const auto result = run_plan(options_for(peer.endpoint(), 2), plan_of(100, std::chrono::hours(1)),
                               *source_of(peer.endpoint()), &stop, {});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->end, RunEnd::stopped);
  EXPECT_LT(result->phases[0].duration, std::chrono::seconds(30));
  EXPECT_EQ(result->recorder.total(0).ended(), result->phases[0].scheduled);
}

TEST(EngineTest, EndsWithAWholeResultWhenItIsStoppedAndNobodyAnswers) {
  std::atomic<bool> stop{false};
  const TestPeer peer([&](int, const std::string&) {
    stop = true;
    return true;
  });
  EngineOptions options = options_for(peer.endpoint(), 2);
  options.timeout = options.drain = std::chrono::hours(1);
  const auto result = run_plan(options, plan_of(100, std::chrono::hours(1)),
                               *source_of(peer.endpoint()), &stop, {});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->end, RunEnd::stopped);
  const ClassRecord total = result->recorder.total(0);
  EXPECT_EQ(total.ended(), result->phases[0].scheduled);
  EXPECT_GT(total.count(Outcome::unanswered), 0U);
}

TEST(EngineTest, CountsAClosedLoopByWhatItBegan) {
  const TestPeer peer([](int s, const std::string&) { return send_text(s, reply(200, "")); });
  Plan plan;
  plan.add("measure", PhaseKind::measure, std::chrono::seconds(30), closed_schedule(200));
  const auto result =
      run_plan(options_for(peer.endpoint(), 3), plan, *source_of(peer.endpoint()), nullptr, {});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->recorder.total(0).count(Outcome::ok), 200U);
  EXPECT_EQ(peer.requests(), 200);
}

TEST(EngineTest, StopsForAnAbortRuleAndSaysWhy) {
  const TestPeer peer([](int s, const std::string&) { return send_text(s, reply(500, "")); });
  EngineObserver observer;
  observer.abort_if = [](const Second&) { return std::optional<std::string>("enough"); };
  const auto result = run_plan(options_for(peer.endpoint(), 1), plan_of(20, std::chrono::hours(1)),
                               *source_of(peer.endpoint()), nullptr, observer);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->end, RunEnd::aborted);
  EXPECT_EQ(result->reason, "enough");
}

// Requests with a later answer: "REQ <number>", answered by a POST of "ANS <number>".
class TwoLegSource final : public RequestSource {
 public:
  [[nodiscard]] std::span<const RequestClass> classes() const override { return classes_; }
  [[nodiscard]] std::unique_ptr<RequestWriter> writer(const WriterPlace& /*place*/) const override {
    return std::make_unique<Writer>();
  }
  [[nodiscard]] std::optional<std::uint64_t> number_of(const JoinKey& key) const override {
    return key.counter;
  }

 private:
  class Writer final : public RequestWriter {
   public:
    [[nodiscard]] std::uint16_t class_of(std::uint64_t) const override { return 0; }
    [[nodiscard]] Request write(std::uint64_t number) override {
      text_ =
          fmt::format("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 24\r\n\r\nREQ {:020}", number);
      return {text_, 0, {1, 2, number}};
    }

   private:
    std::string text_;
  };
  std::vector<RequestClass> classes_{{"two", Legs::two}};
};

constexpr std::uint64_t kNoNumber = ~std::uint64_t{0};

class PlainScanner final : public MessageScanner {
 public:
  [[nodiscard]] Message scan(std::string_view body) const override {
    const std::uint64_t number =
        parse_decimal(body.size() > 4 ? body.substr(4) : "").value_or(kNoNumber);
    if (body.starts_with("ANS ") && number != kNoNumber)
      return {MessageKind::answer, {1, 2, number}, true, 1};
    if (body.starts_with("ALT ") && number != kNoNumber)
      return {MessageKind::dcc_alert, {}, true, number};
    return {};
  }
  [[nodiscard]] Reply reply(std::string_view body) const override {
    return body == "ACK" ? Reply::acknowledged : Reply::no;
  }
};

class EngineJoinTest : public testing::TestWithParam<std::uint64_t> {};

// What the last digit of a number makes the peer do.
TEST_P(EngineJoinTest, JoinsAnswersAndCountsAllOthersApart) {
  Endpoint receiver;
  std::mutex mutex;
  const auto post = [&](const std::string& body) {
    const std::lock_guard lock(mutex);
    int error = 0;
    const Socket socket(::socket(AF_INET, SOCK_STREAM, 0));
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(receiver.socket_address.data()),
                  receiver.socket_address_size) != 0)
      error = errno;
    EXPECT_EQ(error, 0);
    EXPECT_TRUE(
        send_text(socket.get(), fmt::format("POST /r HTTP/1.1\r\nHost: r\r\nConnection: close\r\n"
                                            "Content-Length: {}\r\n\r\n{}",
                                            body.size(), body)));
    char answer[256];
    std::string all;
    for (ssize_t n = 0; (n = ::recv(socket.get(), answer, sizeof answer, 0)) > 0;)
      all.append(answer, static_cast<std::size_t>(n));
    EXPECT_TRUE(all.starts_with(body.starts_with("BAD") ? "HTTP/1.1 400" : "HTTP/1.1 204")) << all;
  };
  const TestPeer peer([&](int s, const std::string& body) {
    const std::string number = body.substr(4);
    const char digit = number.back();
    // 0: the answer overtakes its acknowledgement.
    if (digit == '0') post("ANS " + number);
    if (digit == '1') return send_text(s, reply(200, "NAK"));
    if (!send_text(s, reply(200, "ACK"))) return false;
    if (digit >= '2' && digit != '5') post("ANS " + number);
    if (digit == '3') post("ANS " + number);
    if (digit == '7') post("ANS 999999");
    if (digit == '8') post("BAD");
    if (digit == '9') post("ALT 40");
    return true;
  });
  EngineOptions options = options_for(peer.endpoint(), 4);
  options.threads = GetParam();
  options.join.emplace();
  options.join->listen = *numeric_endpoint("127.0.0.1", 1);
  options.join->listen.socket_address[2] = options.join->listen.socket_address[3] = 0;
  options.scanner = std::make_shared<PlainScanner>();
  options.join->answer_timeout = milliseconds(1500);
  options.join->on_listening = [&](const Endpoint& e) { receiver = e; };
  const auto result =
      run_plan(options, plan_of(100, milliseconds(400)), TwoLegSource(), nullptr, {});
  ASSERT_TRUE(result) << result.error().message();
  const ClassRecord total = result->recorder.total(0);
  EXPECT_EQ(result->phases[0].scheduled, 40U);
  EXPECT_EQ(total.count(Outcome::ok), 32U);
  EXPECT_EQ(total.count(Outcome::rejected), 4U);
  EXPECT_EQ(total.count(Outcome::unanswered), 4U);
  EXPECT_EQ(total.first.response.count(), 36U) << "acknowledged";
  ASSERT_TRUE(total.answer);
  EXPECT_EQ(total.answer->response.count(), 32U);
  EXPECT_EQ(result->join.answers, 32U);
  EXPECT_EQ(result->join.duplicates, 4U);
  EXPECT_EQ(result->join.unknown, 4U);
  EXPECT_EQ(result->join.late, 0U);
  EXPECT_EQ(result->join.unreadable, 4U);
  EXPECT_EQ(result->join.dcc_alerts, 4U);
  EXPECT_EQ(result->join.alerts_stand_for, 160U);
  EXPECT_EQ(result->listener.requests, 32U + 4 + 4 + 4 + 4) << "each in one of these";
}
INSTANTIATE_TEST_SUITE_P(Threads, EngineJoinTest, testing::Values(1, 2, 4));

}  // namespace
}  // namespace s1flow::loadgen
