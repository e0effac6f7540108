// The load engine against a stub in the same program: what one has sent is what the other has
// counted.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/case_name.h"
#include "tests/loadgen/play_support.h"

namespace s1flow::loadgen {
namespace {

using namespace testing_support;  // NOLINT: a test
using stub::Count;
using stub::testing_support::RunningStub;
using stub::testing_support::settings_of;

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
  const Played run =
      play(stub, receiver, "[[request]]\nsrv = \"4.1.1\"\n[[request]]\nsrv = \"2.2\"\n",
           {.sign = GetParam()});
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
  const Played run =
      play(stub, receiver, "[[request]]\nsrv = \"4.1.1\"\n", {.answer_timeout = "1s"});
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

// Two Users may send these; each has connections of its own.
constexpr std::string_view kOfTwoUsers =
    "[[request]]\nsrv = \"12.2\"\n[[request]]\nsrv = \"8.11\"\n";

class LoadStubIdentityTest : public testing::TestWithParam<std::uint64_t> {};
TEST_P(LoadStubIdentityTest, SendsEachRequestUnderTheCertificateOfItsUser) {
  const std::uint16_t receiver = free_port();
  RunningStub stub(
      settings_of(fmt::format("[receive]\nurl = \"https://127.0.0.1:{}/duis\"\n"
                              "[tls]\npki = true\npeer_signs = true\n",
                              receiver)));
  const Played run = play(stub, receiver, kOfTwoUsers, {.scheme = "https", .threads = GetParam()});
  EXPECT_EQ(run.total().count(Outcome::ok), 100U) << outcomes_of(run.total());
  EXPECT_EQ(stub.count(Count::requests_accepted), 100U);
  EXPECT_EQ(stub.count(Count::connections_accepted), run.result.connections_opened);
  EXPECT_GT(run.result.join.answers, 0U) << "they came back over TLS, too";
}
INSTANTIATE_TEST_SUITE_P(Threads, LoadStubIdentityTest, testing::Values(1, 2));

TEST(LoadStubTest, IsRefusedUnderAnothersCertificate) {
  using codecs::crypto::CertificateUse;
  using codecs::crypto::PartyRole;
  const Path pki = codecs::crypto::testing_support::shared_pki_folder();
  const auto& other =
      codecs::crypto::testing_support::entry_of(PartyRole::dcc, CertificateUse::tls);
  const std::string stem = (pki / other.file).string();
  const std::uint16_t receiver = free_port();
  RunningStub stub(settings_of(stub_toml(receiver, "[tls]\npki = true\npeer_signs = true\n")));
  const Played run = play(
      stub, receiver, kOfTwoUsers,
      {.scheme = "https",
       .target = fmt::format("ca = \"{}\"\ncert = \"{}\"\nkey = \"{}\"\n", (pki / "ca").string(),
                             stem, stem.substr(0, stem.size() - 4) + ".key.pem"),
       .clock = codecs::crypto::testing_support::clock_of_tests()});
  EXPECT_EQ(run.total().count(Outcome::rejected), 100U) << outcomes_of(run.total());
  const auto faults = stub.counts().faults;
  EXPECT_EQ(faults[static_cast<std::size_t>(codecs::duis::RequestFault::peer_is_not_originator)],
            100U);
}

TEST(LoadStubTest, IdentitiesNeedConnectionsOfTheirOwn) {
  const std::uint16_t receiver = free_port();
  RunningStub stub(settings_of("[tls]\npki = true\n"));
  const auto why = refusal_of(stub, receiver, kOfTwoUsers, {.scheme = "https", .connections = 1});
  EXPECT_NE(why.find("2 Users"), std::string::npos) << why;
}

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
