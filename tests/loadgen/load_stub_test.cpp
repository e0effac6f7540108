// The load engine against a stub in the same program: what one has sent is what the other has
// counted.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "loadgen/scenario.h"
#include "tests/case_name.h"
#include "tests/loadgen/duis_batch.h"
#include "tests/loadgen/stub_support.h"

namespace s1flow::loadgen {
namespace {

using stub::Count;
using stub::testing_support::RunningStub;
using stub::testing_support::settings_of;

// A port that was free a moment ago.
std::uint16_t free_port() {
  Endpoint endpoint = *numeric_endpoint("127.0.0.1", 1);
  endpoint.socket_address[2] = endpoint.socket_address[3] = 0;
  const Socket socket = *listen_on(endpoint, 1);
  return endpoint.port;
}

struct Played {
  Scenario scenario;
  RunResult result;
  [[nodiscard]] ClassRecord total() const { return result.recorder.total(0); }
};

Played play(const RunningStub& stub, std::uint16_t receiver, std::string_view requests,
            std::string_view sign = "ahead", std::string_view answer_timeout = "10s") {
  const std::string toml = fmt::format(
      "drain = \"15s\"\n[target]\nurl = \"http://127.0.0.1:{}\"\nconnections = 4\n"
      "[receive]\nlisten = \"127.0.0.1:{}\"\nanswer_timeout = \"{}\"\n"
      "[duis]\nsign = \"{}\"\nsign_threads = 1\n"
      "[[phase]]\nduration = \"500ms\"\nprofile = \"constant\"\nrate = 200\n{}",
      stub.endpoint().port, receiver, answer_timeout, sign, requests);
  auto scenario = parse_scenario(toml, "s.toml", "", {.batch = testing_support::batch_of_tests()});
  if (!scenario) throw std::runtime_error(scenario.error().message());
  SourceMaker sources(*scenario);
  const auto source = sources.make(scenario->plan);
  if (!source) throw std::runtime_error(source.error().message());
  auto result = run_plan(scenario->engine, scenario->plan, **source, nullptr, {});
  if (!result) throw std::runtime_error(result.error().message());
  return {*std::move(scenario), *std::move(result)};
}

std::string stub_toml(std::uint16_t receiver, std::string_view more = "") {
  return fmt::format("[receive]\nurl = \"http://127.0.0.1:{}/duis\"\n{}", receiver, more);
}

std::string outcomes_of(const ClassRecord& record) {
  std::string out;
  for (std::size_t i = 0; i < kOutcomes; ++i)
    if (record.outcomes[i] != 0) out += fmt::format(" {} {}", kOutcomeNames[i], record.outcomes[i]);
  return out;
}

struct KindCase {
  const char* name;
  std::string_view srv;
  std::uint64_t judged;  // requests that the stub judges for each one scheduled
  bool transform;
  bool answer;
};
class LoadStubKindTest : public testing::TestWithParam<KindCase> {};

TEST_P(LoadStubKindTest, EndsWellAndIsCountedAlikeOnBothSides) {
  const std::uint16_t receiver = free_port();
  RunningStub stub(settings_of(stub_toml(receiver)));
  const Played run =
      play(stub, receiver, fmt::format("[[request]]\nsrv = \"{}\"\n", GetParam().srv));
  const ClassRecord total = run.total();
  EXPECT_EQ(run.result.phases[0].scheduled, 100U);
  EXPECT_EQ(total.count(Outcome::ok), 100U) << outcomes_of(total);
  EXPECT_EQ(stub.count(Count::requests_accepted), 100 * GetParam().judged);
  EXPECT_EQ(stub.count(Count::requests_refused), 0U);
  EXPECT_EQ(total.first.response.count(), 100U);
  EXPECT_EQ(total.transform != nullptr, GetParam().transform);
  EXPECT_EQ(total.answer != nullptr, GetParam().answer);
  EXPECT_EQ(run.result.join.answers, GetParam().answer ? 100U : 0U);
}
const KindCase kKinds[] = {{"read", "4.8.1", 1, false, true},
                           {"critical", "8.1.1", 2, true, true},
                           {"hub", "8.11", 1, false, true},
                           {"non_device", "12.2", 1, false, false}};
INSTANTIATE_TEST_SUITE_P(Kinds, LoadStubKindTest, testing::ValuesIn(kKinds), case_name<KindCase>);

class LoadStubSigningTest : public testing::TestWithParam<std::string_view> {};
TEST_P(LoadStubSigningTest, IsAcceptedByTheStub) {
  const std::uint16_t receiver = free_port();
  RunningStub stub(settings_of(stub_toml(receiver)));
  const Played run = play(stub, receiver,
                          "[[request]]\nsrv = \"4.1.1\"\n[[request]]\nsrv = \"2.2\"\n", GetParam());
  EXPECT_EQ(run.total().count(Outcome::ok), 100U) << outcomes_of(run.total());
}
INSTANTIATE_TEST_SUITE_P(Signings, LoadStubSigningTest,
                         testing::Values("ahead", "inline", "corpus"),
                         [](const auto& info) { return std::string(info.param); });

TEST(LoadStubTest, CountsRepeatsUnknownAndAlertsAsTheStubDoes) {
  const std::uint16_t receiver = free_port();
  RunningStub stub(settings_of(
      stub_toml(receiver,
                "repeat_share = 0.5\n[faults]\nunknown = 0.3\n"
                "[[alert]]\nafter = [\"4.1.1\"]\ncode = \"N24\"\n[[alert]]\nafter = [\"4.1.1\"]\n"
                "code = \"8F1D\"\n")));
  const Played run = play(stub, receiver, "[[request]]\nsrv = \"4.1.1\"\n");
  EXPECT_EQ(run.total().count(Outcome::ok), 100U) << outcomes_of(run.total());
  const JoinCounts& j = run.result.join;
  // Whatever came before the last answer; the stub may have had more to send.
  EXPECT_EQ(j.answers, 100U);
  EXPECT_GT(j.duplicates + j.unknown, 0U);
  EXPECT_GT(j.dcc_alerts, 0U);
  EXPECT_GT(j.device_alerts, 0U);
  EXPECT_EQ(j.unreadable, 0U);
  ASSERT_TRUE(stub.stop());
  EXPECT_LE(j.unknown,
            stub.count(Count::unknown_delivered) + stub.count(Count::messages_repeats_delivered));
}

TEST(LoadStubTest, EndsRequestsWhoseAnswersAreWithheldAsUnanswered) {
  const std::uint16_t receiver = free_port();
  RunningStub stub(settings_of(stub_toml(receiver, "[faults]\nwithhold = 0.4\n")));
  const Played run = play(stub, receiver, "[[request]]\nsrv = \"4.1.1\"\n", "ahead", "1s");
  const ClassRecord total = run.total();
  EXPECT_EQ(total.count(Outcome::unanswered), stub.count(Count::messages_withheld));
  EXPECT_EQ(total.count(Outcome::ok), 100U - total.count(Outcome::unanswered))
      << outcomes_of(total);
  EXPECT_GT(total.count(Outcome::unanswered), 0U);
}

struct CodeCase {
  const char* name;
  std::string_view code;
  std::string_view srv;
  std::uint64_t answers;
};
class LoadStubRefusalTest : public testing::TestWithParam<CodeCase> {};
TEST_P(LoadStubRefusalTest, EndsAsRejected) {
  const std::uint16_t receiver = free_port();
  RunningStub stub(settings_of(
      stub_toml(receiver, fmt::format("[answers]\nerrors = {{ {} = 1.0 }}\n", GetParam().code))));
  const Played run =
      play(stub, receiver, fmt::format("[[request]]\nsrv = \"{}\"\n", GetParam().srv));
  EXPECT_EQ(run.total().count(Outcome::rejected), 100U) << outcomes_of(run.total());
  EXPECT_EQ(run.result.join.answers, GetParam().answers);
}
const CodeCase kCodes[] = {{"at_once", "E4", "4.1.1", 0},
                           {"later", "E21", "4.1.1", 100},
                           {"by_transform", "E4", "8.1.1", 0},
                           {"non_device", "E2", "12.2", 0}};
INSTANTIATE_TEST_SUITE_P(Codes, LoadStubRefusalTest, testing::ValuesIn(kCodes),
                         case_name<CodeCase>);

TEST(LoadStubTest, IsRefusedWhenItsCountersWereUsedBefore) {
  const std::uint16_t receiver = free_port();
  RunningStub stub(settings_of(stub_toml(receiver)));
  // The same counters again: the stub knows them already.
  (void)play(stub, receiver, "[[request]]\nsrv = \"4.1.1\"\n");
  const Played again = play(stub, receiver, "[[request]]\nsrv = \"4.1.1\"\n");
  EXPECT_EQ(again.total().count(Outcome::rejected), 100U) << outcomes_of(again.total());
}

}  // namespace
}  // namespace s1flow::loadgen
