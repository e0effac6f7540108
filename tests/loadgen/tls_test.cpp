#include "loadgen/net/tls.h"

#include <atomic>
#include <csignal>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "loadgen/engine.h"
#include "loadgen/net/acceptor.h"
#include "loadgen/net/listener.h"
#include "loadgen/profiles/registry.h"
#include "loadgen/template_source.h"
#include "tests/case_name.h"
#include "tests/loadgen/test_identity.h"
#include "tests/temporary_folder.h"

namespace s1flow::loadgen {
namespace {

// Our own listener as the target: answers everything with 204.
class TlsPeer final : private CallbackHandler {
 public:
  explicit TlsPeer(TlsContext tls) : tls_(std::move(tls)) {
    endpoint_.socket_address[2] = endpoint_.socket_address[3] = 0;
    CallbackHandler& handler = *this;
    listener_.emplace(poller_, clock_, &tls_, handler, ListenerLimits{});
    acceptor_ = *Acceptor::make(poller_, *listen_on(endpoint_, 64),
                                [this](Socket socket) { listener_->adopt(std::move(socket)); });
    thread_ = std::thread([this] {
      sigset_t pipe;
      ::sigemptyset(&pipe);
      ::sigaddset(&pipe, SIGPIPE);
      ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
      while (!stop_) poller_.run(std::chrono::milliseconds(5));
    });
  }
  ~TlsPeer() {
    stop_ = true;
    thread_.join();
  }
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }

 private:
  int on_callback(std::string_view, std::string_view) override { return 204; }
  TlsContext tls_;
  Poller poller_ = *Poller::make();
  SteadyClock clock_;
  Endpoint endpoint_ = *numeric_endpoint("127.0.0.1", 1);
  std::optional<Listener> listener_;
  std::unique_ptr<Acceptor> acceptor_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

struct TlsCase {
  const char* name;
  const char* server;     // identity
  const char* client_ca;  // whom the client trusts
  const char* client;     // its own identity; null: none
  bool mutual;
  TlsVersion server_version;
  TlsVersion client_version;
  bool works;
};
class TlsTest : public testing::TestWithParam<TlsCase> {};

TEST_P(TlsTest, CarriesRequestsOnlyBetweenThoseWhoTrustEachOther) {
  const TlsCase& c = GetParam();
  const TemporaryFolder folder;
  make_identity(folder / "loopback", "IP:127.0.0.1");
  make_identity(folder / "other", "IP:127.0.0.2");
  const auto file = [&](const char* name, const char* end) {
    return folder / (std::string(name) + end);
  };
  TlsOptions server{
      .cert = file(c.server, ".pem"), .key = file(c.server, ".key"), .version = c.server_version};
  if (c.mutual) server.ca = folder / "other.pem";
  auto context = TlsContext::server(server);
  ASSERT_TRUE(context) << context.error().message();
  const TlsPeer peer(*std::move(context));
  EngineOptions options;
  options.endpoint = peer.endpoint();
  options.connections = 2;
  options.connect_timeout = std::chrono::milliseconds(c.works ? 5000 : 300);
  options.tls = TlsOptions{.ca = file(c.client_ca, ".pem"), .version = c.client_version};
  if (c.client != nullptr) {
    options.tls->cert = file(c.client, ".pem");
    options.tls->key = file(c.client, ".key");
  }
  Plan plan;
  const Nanoseconds duration = std::chrono::milliseconds(200);
  plan.add("measure", PhaseKind::measure, duration, constant_schedule(100, duration));
  TemplateClass request;
  request.body = std::string(40'000, 'x') + "{{number}}";
  const auto result =
      run_plan(options, plan, **make_template_source("127.0.0.1", {request}, 1), nullptr, {});
  ASSERT_TRUE(result) << result.error().message();
  const std::uint64_t ok =
      result->end == RunEnd::unreachable ? 0 : result->recorder.total(0).count(Outcome::ok);
  EXPECT_EQ(ok, c.works ? 20U : 0U) << result->reason;
}

constexpr TlsVersion kAny = TlsVersion::any;
constexpr TlsCase kCases[] = {
    {"newest", "loopback", "loopback", nullptr, false, kAny, kAny, true},
    {"version_1_2", "loopback", "loopback", nullptr, false, TlsVersion::tls12, kAny, true},
    {"version_1_3", "loopback", "loopback", nullptr, false, kAny, TlsVersion::tls13, true},
    {"no_common_version", "loopback", "loopback", nullptr, false, TlsVersion::tls12,
     TlsVersion::tls13, false},
    {"unknown_issuer", "loopback", "other", nullptr, false, kAny, kAny, false},
    {"certificate_for_another_address", "other", "other", nullptr, false, kAny, kAny, false},
    {"mutual", "loopback", "loopback", "other", true, kAny, kAny, true},
    {"mutual_1_2", "loopback", "loopback", "other", true, TlsVersion::tls12, kAny, true},
    {"mutual_without_certificate", "loopback", "loopback", nullptr, true, TlsVersion::tls12, kAny,
     false},
    {"mutual_with_a_wrong_certificate", "loopback", "loopback", "loopback", true, kAny, kAny,
     false},
};
INSTANTIATE_TEST_SUITE_P(Peers, TlsTest, testing::ValuesIn(kCases), case_name<TlsCase>);

TEST(TlsContextTest, NamesTheFileThatItCannotUse) {
  const TemporaryFolder folder;
  make_identity(folder / "a", "IP:127.0.0.1");
  make_identity(folder / "b", "IP:127.0.0.1");
  for (const TlsOptions& options :
       {TlsOptions{.ca = folder / "gone.pem"},
        TlsOptions{.ca = folder / "a.pem", .cert = folder / "gone.pem"},
        TlsOptions{.ca = folder / "a.pem", .cert = folder / "a.pem", .key = folder / "b.key"}}) {
    const auto context = TlsContext::client(options, "localhost");
    ASSERT_FALSE(context);
    EXPECT_NE(context.error().message().find(folder.path().string()), std::string::npos);
  }
}

}  // namespace
}  // namespace s1flow::loadgen
