// The load engine against a stub that goes wrong on purpose: every request ends in one outcome, and
// what either side counts of the other is the same number.

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

struct FaultCase {
  const char* name;
  const char* settings;  // of the stub, beginning within [receive]
  // How requests end beside `ok`, and what the stub counts of them.
  std::vector<Outcome> ended;
  std::vector<Count> counted;
  const char* scheme = "http";
  const char* timeout = "10s";
  const char* answer_timeout = "10s";
};

// Whatever the case, on 1 and 2 threads.
class FaultAuditTest : public testing::TestWithParam<std::tuple<FaultCase, std::uint64_t>> {};

TEST_P(FaultAuditTest, BothSidesCountTheSame) {
  const auto& [c, threads] = GetParam();
  const std::uint16_t receiver = free_port();
  const bool tls = std::string_view(c.scheme) == "https";
  RunningStub stub(
      settings_of(fmt::format("[receive]\nurl = \"{}://127.0.0.1:{}/duis\"\n{}{}", c.scheme,
                              receiver, c.settings, tls ? "\n[tls]\npki = true\n" : "")));
  const Played run = play(stub, receiver, "[[request]]\nsrv = \"4.1.1\"\n",
                          {.scheme = c.scheme,
                           .threads = threads,
                           .timeout = c.timeout,
                           .answer_timeout = c.answer_timeout,
                           .linger = "1500ms"});
  ASSERT_TRUE(stub.stop());
  const stub::StubCounts counts = stub.counts();
  const ClassRecord total = run.total();
  const std::string seen = outcomes_of(total);

  EXPECT_EQ(run.result.phases[0].scheduled, 100U);
  EXPECT_EQ(total.ended(), 100U) << seen;
  std::uint64_t ended = 0, counted = 0;
  for (const Outcome outcome : c.ended) ended += total.count(outcome);
  for (const Count count : c.counted) counted += counts.of(count);
  const JoinCounts& j = run.result.join;
  // An answer that is late belongs to a request that was given up.
  if (c.counted.empty()) counted = j.late;
  EXPECT_EQ(ended, counted) << seen;
  EXPECT_EQ(total.count(Outcome::ok) + ended, 100U) << seen;
  if (!c.ended.empty()) {
    EXPECT_GT(counted, 0U);
  }

  // Each delivery is one message here: an answer, a duplicate, late, unknown.
  EXPECT_EQ(j.answers + j.duplicates + j.late + j.unknown,
            counts.of(Count::messages_delivered) + counts.of(Count::messages_repeats_delivered));
  EXPECT_EQ(run.result.listener.requests, j.answers + j.duplicates + j.late + j.unknown);
  EXPECT_EQ(j.answers + j.late, counts.of(Count::responses_delivered));
  EXPECT_EQ(j.unknown, counts.of(Count::unknown_delivered));
  EXPECT_EQ(j.duplicates, counts.of(Count::messages_repeats_delivered));
  EXPECT_EQ(j.unreadable + j.unsolicited + j.device_alerts + j.dcc_alerts, 0U);
  EXPECT_EQ(counts.of(Count::messages_given_up), 0U);
}

const FaultCase kFaults[] = {
    {"none", "", {}, {}},
    {"tls", "", {}, {}, "https"},
    {"duplicates", "repeat_share = 0.5", {}, {}},
    {"unknown_ids", "[faults]\nunknown = 0.3", {}, {}},
    {"lost",
     "[faults]\nwithhold = 0.3",
     {Outcome::unanswered},
     {Count::messages_withheld},
     "http",
     "10s",
     "900ms"},
    // Some of the requests that end so have their answers all the same: those are late.
    {"resets", "[faults]\nreset = 0.3", {Outcome::reset}, {Count::faults_reset}},
    {"truncated", "[faults]\ntruncate = 0.3", {Outcome::closed_early}, {Count::faults_truncated}},
    {"half_closes", "[faults]\nhalf_close = 0.3", {}, {}},
    {"garbage", "[faults]\ngarbage = 0.3", {Outcome::bad_response}, {Count::faults_garbage}},
    {"server_errors", "[faults]\nerror_500 = 0.3", {Outcome::http_5xx}, {Count::faults_error_500}},
    {"silence",
     "[faults]\nsilent = 0.04",
     {Outcome::timeout},
     {Count::faults_silent},
     "http",
     "400ms",
     "10s"},
    {"tls_broken",
     "[faults]\ngarbage = 0.3",
     {Outcome::tls_error},
     {Count::faults_garbage},
     "https"},
    {"late_answers",
     "[answers]\nresponse_delay = \"uniform 100ms 900ms\"",
     {Outcome::unanswered},
     {},
     "http",
     "10s",
     "400ms"},
    {"stall",
     "[[timeline]]\nkind = \"stall\"\nat = \"200ms\"\nfor = \"200ms\"\nevery = \"10s\"",
     {},
     {}},
    {"full", "[capacity]\nrate = 50\nqueue = 1", {Outcome::http_5xx}, {Count::http_unavailable}},
    {"outage",
     "[[timeline]]\nkind = \"outage-503\"\nat = \"100ms\"\nfor = \"200ms\"\nevery = \"10s\"",
     {Outcome::http_5xx},
     {Count::http_unavailable}},
};
INSTANTIATE_TEST_SUITE_P(Faults, FaultAuditTest,
                         testing::Combine(testing::ValuesIn(kFaults), testing::Values(1, 2)),
                         [](const auto& info) {
                           return fmt::format("{}_{}_threads", std::get<0>(info.param).name,
                                              std::get<1>(info.param));
                         });

}  // namespace
}  // namespace s1flow::loadgen
