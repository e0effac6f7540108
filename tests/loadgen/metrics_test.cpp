#include "loadgen/metrics.h"

#include <gtest/gtest.h>

#include "loadgen/net/metrics_server.h"
#include "loadgen/profiles/registry.h"
#include "tests/case_name.h"

namespace s1flow::loadgen {
namespace {

using std::chrono::milliseconds;

std::string exchange(std::uint16_t port, std::string_view request) {
  const auto endpoint = numeric_endpoint("127.0.0.1", port);
  const Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(endpoint->socket_address.data()),
                endpoint->socket_address_size),
      0);
  EXPECT_EQ(::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(request.size()));
  std::string all;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::recv(socket.get(), buffer, sizeof buffer, 0)) > 0;)
    all.append(buffer, static_cast<std::size_t>(n));
  return all;
}

struct RequestCase {
  const char* name;
  std::string_view request;
  std::string_view start;
  std::string_view end;
};
class MetricsServerTest : public testing::TestWithParam<RequestCase> {};
TEST_P(MetricsServerTest, AnswersOnlyWhatItIsFor) {
  const auto server = MetricsServer::start(0);
  ASSERT_TRUE(server) << server.error().message();
  (*server)->publish("a 1\n");
  const std::string got = exchange((*server)->port(), GetParam().request);
  EXPECT_TRUE(got.starts_with(GetParam().start)) << got;
  EXPECT_TRUE(got.ends_with(GetParam().end)) << got;
  EXPECT_NE(got.find("Connection: close\r\n"), std::string::npos);
}
INSTANTIATE_TEST_SUITE_P(
    Requests, MetricsServerTest,
    testing::Values(
        RequestCase{"get", "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK\r\n",
                    "\r\n\r\na 1\n"},
        RequestCase{"head", "HEAD /metrics HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200 OK\r\n",
                    "\r\n\r\n"},
        RequestCase{"other_path", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 404 ",
                    "metrics are at /metrics\n"},
        RequestCase{"other_method", "DELETE /metrics HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 405 ",
                    "\r\n\r\n"},
        RequestCase{"with_a_body", "GET /metrics HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx",
                    "HTTP/1.1 400 ", "\r\n\r\n"},
        RequestCase{"no_host", "GET /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", "\r\n\r\n"},
        RequestCase{"no_http", "hello\r\n\r\n", "HTTP/1.1 400 ", "\r\n\r\n"}),
    case_name<RequestCase>);

TEST(MetricsServerTest, ServesTheNextOneAfterAPeerThatSaysNothing) {
  const auto server = MetricsServer::start(0);
  ASSERT_TRUE(server);
  (*server)->publish("b 2\n");
  const auto endpoint = numeric_endpoint("127.0.0.1", (*server)->port());
  Socket silent(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(
      ::connect(silent.get(), reinterpret_cast<const sockaddr*>(endpoint->socket_address.data()),
                endpoint->socket_address_size),
      0);
  silent.close();
  EXPECT_TRUE(
      exchange((*server)->port(), "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("b 2\n"));
}

TEST(MetricsServerTest, EndsWhileAPeerHoldsItsConnection) {
  auto server = MetricsServer::start(0);
  ASSERT_TRUE(server);
  const auto endpoint = numeric_endpoint("127.0.0.1", (*server)->port());
  const Socket held(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(
      ::connect(held.get(), reinterpret_cast<const sockaddr*>(endpoint->socket_address.data()),
                endpoint->socket_address_size),
      0);
  server->reset();
  char byte = 0;
  EXPECT_LE(::recv(held.get(), &byte, 1, 0), 0);
}

TEST(MetricsTest, CountsWhatTheSecondsBring) {
  const std::vector<RequestClass> classes{{.name = "4.1.1", .role = "IS"},
                                          {.name = "a\"b\\c", .legs = Legs::two}};
  Plan plan;
  plan.add("measure", PhaseKind::measure, milliseconds(2500),
           constant_schedule(10, milliseconds(2500)));
  const std::string name = "reads";
  Metrics metrics(name, classes, plan);
  Interval interval(1, 2);
  IntervalClass& now = interval.at(0, 0);
  now.sent = 3;
  now.ok = 2;
  now.failed = 1;
  now.first.response.record(milliseconds(10));
  now.first.response.record(milliseconds(20));
  // Acknowledged, and no answer yet.
  interval.at(0, 1).first.response.record(milliseconds(1));
  metrics.see({.second = 0, .planned = 10}, interval);
  metrics.see({.second = 1, .planned = 10}, interval);
  const std::string text = metrics.text();
  for (const std::string_view line : {
           "s1flow_run_info{scenario=\"reads\"} 1\n",
           "s1flow_run_seconds 2\n",
           "s1flow_run_planned_seconds 2.5\n",
           "# TYPE s1flow_requests_sent_total counter\n",
           "s1flow_requests_planned_total 20\n",
           "s1flow_requests_sent_total{class=\"4.1.1\",role=\"IS\"} 6\n",
           "s1flow_requests_ended_total{class=\"4.1.1\",role=\"IS\",result=\"ok\"} 4\n",
           "s1flow_requests_ended_total{class=\"4.1.1\",role=\"IS\",result=\"failed\"} 2\n",
           "s1flow_requests_sent_total{class=\"a\\\"b\\\\c\"} 0\n",
           "s1flow_response_seconds{class=\"4.1.1\",role=\"IS\",quantile=\"1\"} 0.02\n",
           "s1flow_response_seconds_count{class=\"4.1.1\",role=\"IS\"} 4\n",
           "s1flow_response_seconds_count{class=\"a\\\"b\\\\c\"} 0\n",
       })
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

}  // namespace
}  // namespace s1flow::loadgen
