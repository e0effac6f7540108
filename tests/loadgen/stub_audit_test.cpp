// The load engine against the stub: what one counts, the other has counted too.

#include "loadgen/engine.h"
#include "loadgen/profiles/registry.h"
#include "loadgen/template_source.h"
#include "tests/case_name.h"
#include "tests/loadgen/stub_support.h"
#include "tests/loadgen/test_identity.h"
#include "tests/temporary_folder.h"

namespace s1flow::loadgen::stub {
namespace {

using namespace testing_support;  // NOLINT: a test

// 400 requests over four connections.
RunResult run_against(const RunningStub& stub, std::optional<TlsOptions> tls = {}) {
  EngineOptions options;
  options.endpoint = stub.endpoint();
  options.connections = 4;
  options.tls = std::move(tls);
  Plan plan;
  const Nanoseconds duration = std::chrono::milliseconds(200);
  plan.add("measure", PhaseKind::measure, duration, constant_schedule(2000, duration));
  TemplateClass request;
  request.path = kSendCommand;
  request.body = "<{{number}}";
  const auto source = make_template_source("127.0.0.1", {request}, 1);
  EXPECT_TRUE(source);
  auto result = run_plan(options, plan, **source, nullptr, {});
  EXPECT_TRUE(result) << result.error().message();
  return *std::move(result);
}

std::uint64_t ended(const RunResult& result, std::initializer_list<Outcome> outcomes) {
  std::uint64_t sum = 0;
  for (const Outcome outcome : outcomes) sum += result.recorder.total(0).count(outcome);
  return sum;
}

struct AuditCase {
  const char* name;
  const char* settings;
  // Of the stub's counts, each against what the client may see of it.
  std::vector<Count> counted;
  std::vector<Outcome> seen;
};
class StubAuditTest : public testing::TestWithParam<AuditCase> {};

TEST_P(StubAuditTest, CountsWhatTheEngineCounts) {
  RunningStub stub(plain_settings_of(std::string("sink = false\n") + GetParam().settings));
  const RunResult result = run_against(stub);
  ASSERT_TRUE(stub.stop());
  const StubCounts counts = stub.counts();
  std::uint64_t counted = 0, seen = 0;
  for (const Count c : GetParam().counted) counted += counts.of(c);
  for (const Outcome o : GetParam().seen) seen += ended(result, {o});
  EXPECT_GT(counted, 0U);
  EXPECT_EQ(seen, counted);
  EXPECT_EQ(result.phases[0].scheduled, 400U);
  EXPECT_EQ(counts.of(Count::http_requests), 400U) << "each was sent once, and read once";
  EXPECT_EQ(counts.of(Count::connections_accepted), result.connections_opened);
}
// Requests of these runs are no XML, so a plain answer is 400.
INSTANTIATE_TEST_SUITE_P(
    Runs, StubAuditTest,
    testing::Values(
        AuditCase{"plain", "", {Count::requests_unreadable}, {Outcome::http_4xx}},
        AuditCase{"two_threads", "threads = 2", {Count::requests_unreadable}, {Outcome::http_4xx}},
        AuditCase{
            "errors", "[faults]\nerror_500 = 0.3", {Count::faults_error_500}, {Outcome::http_5xx}},
        AuditCase{"outage",
                  "[[timeline]]\nkind = \"outage-503\"\nat = \"100ms\"\nfor = \"50ms\"",
                  {Count::http_unavailable},
                  {Outcome::http_5xx}},
        AuditCase{"full",
                  "[capacity]\nrate = 100\nqueue = 2",
                  {Count::http_unavailable},
                  {Outcome::http_5xx}}),
    case_name<AuditCase>);

struct TlsCase {
  const char* name;
  TlsVersion version;
  bool mutual;
  bool client_has_certificate;
  bool works;
};
class StubTlsTest : public testing::TestWithParam<TlsCase> {};

TEST_P(StubTlsTest, AnswersOnlyThoseItTrusts) {
  const TlsCase& c = GetParam();
  const TemporaryFolder folder;
  make_identity(folder / "stub", "IP:127.0.0.1");
  make_identity(folder / "user", "IP:127.0.0.2");
  StubSettings settings = plain_settings_of("sink = true");
  settings.tls =
      TlsOptions{.cert = folder / "stub.pem", .key = folder / "stub.key", .version = c.version};
  if (c.mutual) settings.tls->ca = folder / "user.pem";
  RunningStub stub(std::move(settings));
  TlsOptions client{.ca = folder / "stub.pem"};
  if (c.client_has_certificate) {
    client.cert = folder / "user.pem";
    client.key = folder / "user.key";
  }
  if (!c.works) {
    EngineOptions options;
    options.endpoint = stub.endpoint();
    options.tls = client;
    options.connect_timeout = std::chrono::milliseconds(300);
    Plan plan;
    const Nanoseconds duration = std::chrono::milliseconds(10);
    plan.add("measure", PhaseKind::measure, duration, constant_schedule(100, duration));
    const auto source = make_template_source("127.0.0.1", {TemplateClass{}}, 1);
    const auto result = run_plan(options, plan, **source, nullptr, {});
    ASSERT_TRUE(result);
    EXPECT_EQ(stub.count(Count::http_requests), 0U);
    EXPECT_TRUE(stub.comes_to(Count::connections_tls_failed, 1));
    return;
  }
  const RunResult result = run_against(stub, client);
  EXPECT_EQ(ended(result, {Outcome::ok}), 400U);
  ASSERT_TRUE(stub.stop());
  EXPECT_EQ(stub.count(Count::http_plain), 400U);
}
INSTANTIATE_TEST_SUITE_P(
    Versions, StubTlsTest,
    testing::Values(TlsCase{"version_1_2", TlsVersion::tls12, false, false, true},
                    TlsCase{"version_1_3", TlsVersion::tls13, false, false, true},
                    TlsCase{"mutual", TlsVersion::any, true, true, true},
                    TlsCase{"mutual_without_certificate", TlsVersion::tls12, true, false, false}),
    case_name<TlsCase>);

}  // namespace
}  // namespace s1flow::loadgen::stub
