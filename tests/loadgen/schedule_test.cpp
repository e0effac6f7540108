#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "loadgen/duration.h"
#include "loadgen/plan.h"
#include "loadgen/profiles/registry.h"
#include "tests/case_name.h"
#include "tests/temporary_folder.h"

namespace s1flow::loadgen {
namespace {

Result<SchedulePointer> make(std::string_view profile, const std::string& toml,
                             Nanoseconds duration, std::uint64_t seed = 1, Path folder = {}) {
  const auto table = codecs::parse_config(toml, "test");
  if (!table) return tl::unexpected(table.error());
  codecs::ConfigReader reader(&*table, "test");
  auto made = find_profile(profile)->make(reader, {duration, seed, std::move(folder)});
  if (!made) return made;
  if (auto status = reader.finish(); !status) return tl::unexpected(status.error());
  return made;
}

struct DueTime {
  std::uint64_t k;
  double seconds;
};
struct ScheduleCase {
  const char* name;
  const char* profile;
  const char* toml;
  double duration;
  std::uint64_t count;
  std::vector<DueTime> due;
};

class ScheduleTest : public testing::TestWithParam<ScheduleCase> {};

TEST_P(ScheduleTest, PlansTheTimesOfItsTable) {
  const auto schedule =
      make(GetParam().profile, GetParam().toml, from_seconds(GetParam().duration));
  ASSERT_TRUE(schedule) << schedule.error().message();
  EXPECT_EQ((*schedule)->count(), GetParam().count);
  for (const DueTime& due : GetParam().due)
    EXPECT_NEAR(seconds_of((*schedule)->due(due.k)), due.seconds, 1e-8) << due.k;
}

TEST_P(ScheduleTest, NeverGoesBackAndEndsWithinItsPhase) {
  const Nanoseconds duration = from_seconds(GetParam().duration);
  const auto schedule = *make(GetParam().profile, GetParam().toml, duration);
  Nanoseconds last{0};
  for (std::uint64_t k = 0; k < schedule->count(); ++k) {
    const Nanoseconds due = schedule->due(k);
    ASSERT_GE(due, last) << k;
    last = due;
  }
  EXPECT_LT(last, duration);
}

TEST_P(ScheduleTest, CountsWhatIsDueBeforeATime) {
  const Nanoseconds duration = from_seconds(GetParam().duration);
  const auto schedule = *make(GetParam().profile, GetParam().toml, duration);
  for (const double share : {0.0, 0.1, 0.37, 0.5, 0.99, 2.0}) {
    const Nanoseconds time = from_seconds(GetParam().duration * share);
    std::uint64_t expected = 0;
    while (expected < schedule->count() && schedule->due(expected) < time) ++expected;
    EXPECT_EQ(schedule->count_before(time), expected) << share;
  }
}

// The area under the rate reaches k at the k-th time; worked out by hand for each.
const ScheduleCase kSchedules[] = {
    {"constant", "constant", "rate = 1000", 2, 2000, {{0, 0}, {1, 0.001}, {1999, 1.999}}},
    {"constant_slow", "constant", "rate = 0.5", 5, 3, {{0, 0}, {1, 2}, {2, 4}}},
    // t²/2 · 100/10: k = 5 t²
    {"ramp_up", "ramp", "from = 0\nto = 100", 10, 500, {{0, 0}, {5, 1}, {20, 2}, {405, 9}}},
    // 100 t - 5 t²
    {"ramp_down", "ramp", "from = 100\nto = 0", 10, 500, {{0, 0}, {95, 1}, {180, 2}, {495, 9}}},
    {"steps",
     "steps",
     "from = 10\nto = 30\nsteps = 3",
     3,
     60,
     {{0, 0}, {10, 1}, {30, 2}, {45, 2.5}}},
    {"spike",
     "spike",
     "rate = 10\npeak = 100\nat = \"1s\"\nlength = \"1s\"",
     3,
     120,
     {{0, 0}, {10, 1}, {60, 1.5}, {110, 2}, {115, 2.5}}},
    {"spike_with_edges",
     "spike",
     "rate = 0\npeak = 100\nat = \"1s\"\nlength = \"1s\"\nedge = \"2s\"",
     6,
     300,
     {{0, 1}, {25, 2}, {100, 3}, {200, 4}, {275, 5}}},
    {"soak", "soak", "rate = 10\nrise = \"2s\"", 4, 30, {{0, 0}, {10, 2}, {20, 3}}},
    {"burst", "burst", "size = 3\nevery = \"1s\"", 2.5, 9, {{0, 0}, {2, 0}, {3, 1}, {8, 2}}},
};
INSTANTIATE_TEST_SUITE_P(Profiles, ScheduleTest, testing::ValuesIn(kSchedules),
                         case_name<ScheduleCase>);

struct BadCase {
  const char* name;
  const char* profile;
  const char* toml;
  const char* why;
};
class BadProfileTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadProfileTest, IsRefusedWithItsReason) {
  const auto made = make(GetParam().profile, GetParam().toml, from_seconds(10));
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message().find(GetParam().why), std::string::npos)
      << made.error().message();
}

constexpr BadCase kBad[] = {
    {"negative_rate", "constant", "rate = -1", "'rate' must be a number"},
    {"ramp_of_nothing", "ramp", "from = 0\nto = 0", "must not both be 0"},
    {"one_step", "steps", "from = 1\nto = 2\nsteps = 1", "'steps' must be 2"},
    {"spike_too_long", "spike", "rate = 1\npeak = 2\nat = \"9s\"\nlength = \"2s\"", "ends after"},
    {"burst_too_often", "burst", "size = 1\nevery = \"10us\"", "1ms or more"},
    {"number_without_unit", "soak", "rate = 1\nrise = \"10\"", "must be a duration"},
    {"unknown_key", "constant", "rate = 1\nrates = 2", "rates"},
    {"no_file", "replay", "file = \"gone.csv\"", "gone.csv"},
};
INSTANTIATE_TEST_SUITE_P(Profiles, BadProfileTest, testing::ValuesIn(kBad), case_name<BadCase>);

TEST(ProfileRegistryTest, HasEachProfileOnceWithItsParameters) {
  for (const Profile* profile : profiles()) {
    EXPECT_EQ(find_profile(profile->name), profile);
    EXPECT_FALSE(profile->summary.empty());
    EXPECT_FALSE(profile->parameters.empty());
  }
  EXPECT_EQ(profiles().size(), 10U);
  EXPECT_EQ(find_profile("unknown"), nullptr);
}

TEST(PoissonTest, HasTheMeanAndTheSpreadOfIndependentArrivals) {
  const auto schedule = *make("poisson", "rate = 1000", from_seconds(100));
  const auto n = static_cast<double>(schedule->count());
  // 100,000 expected with a standard deviation of 316.
  EXPECT_NEAR(n, 100'000, 1600);
  double sum = 0, squares = 0;
  Nanoseconds last{0};
  for (std::uint64_t k = 0; k < schedule->count(); ++k) {
    const Nanoseconds due = schedule->due(k);
    const double gap = seconds_of(due - last) * 1000;
    last = due;
    sum += gap;
    squares += gap * gap;
  }
  const double mean = sum / n;
  EXPECT_NEAR(mean, 1, 0.02);
  EXPECT_NEAR(std::sqrt(squares / n - mean * mean) / mean, 1, 0.02);
}

TEST(PoissonTest, FollowsItsSeedOnly) {
  const auto a = *make("poisson", "rate = 100\nto = 300", from_seconds(10), 5);
  const auto b = *make("poisson", "rate = 100\nto = 300", from_seconds(10), 5);
  const auto c = *make("poisson", "rate = 100\nto = 300", from_seconds(10), 6);
  ASSERT_EQ(a->count(), b->count());
  std::uint64_t same = 0;
  for (std::uint64_t k = 0; k < std::min(a->count(), c->count()); ++k) {
    ASSERT_EQ(a->due(k), b->due(k));
    same += a->due(k) == c->due(k) ? 1 : 0;
  }
  EXPECT_LT(same, 3U);
}

TEST(ReplayTest, KeepsDistancesDividedByTheSpeed) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_whole(folder.path() / "a.csv", "time\n100.0\n100.5\n103\n# end\n900\n"));
  const auto schedule =
      make("replay", "file = \"a.csv\"\nspeed = 2", from_seconds(10), 1, folder.path());
  ASSERT_TRUE(schedule) << schedule.error().message();
  ASSERT_EQ((*schedule)->count(), 3U);
  EXPECT_EQ((*schedule)->due(1), from_seconds(0.25));
  EXPECT_EQ((*schedule)->due(2), from_seconds(1.5));
}

TEST(DayCurveTest, RunsInStraightLinesBetweenItsRows) {
  const TemporaryFolder folder;
  ASSERT_TRUE(
      write_whole(folder.path() / "d.csv", "time,rate\n00:00,0\n01:00:00,3600\n02:00,3600\n"));
  // An hour in a second, a 3,600th of the requests: rate 0 to 1 · 3600 in the first second.
  const auto schedule = make("day-curve", "file = \"d.csv\"\nspeed = 3600\nfactor = 0.01",
                             from_seconds(3), 1, folder.path());
  ASSERT_TRUE(schedule) << schedule.error().message();
  EXPECT_EQ((*schedule)->count(), 18U + 36 + 36);
  EXPECT_NEAR(seconds_of((*schedule)->due(18)), 1, 1e-6);
  EXPECT_NEAR(seconds_of((*schedule)->due(54)), 2, 1e-6);
}

// What any number of threads send together is the same list of numbers and times.
class PlanShareTest : public testing::TestWithParam<std::uint64_t> {};

TEST_P(PlanShareTest, GivesTheSameRequestsForAnyNumberOfThreads) {
  const std::uint64_t threads = GetParam();
  Plan plan;
  plan.add("warm-up", PhaseKind::warm_up, from_seconds(1), constant_schedule(97, from_seconds(1)));
  plan.add("measure", PhaseKind::measure, from_seconds(4),
           *make("poisson", "rate = 500", from_seconds(4)));
  std::vector<Nanoseconds> times(plan.phases()[1].first_number + plan.phases()[1].schedule->count(),
                                 Nanoseconds{-1});
  for (std::uint64_t t = 0; t < threads; ++t) {
    std::uint64_t in_phase[2] = {0, 0};
    for (PlanCursor cursor(plan, t, threads); !cursor.done(); cursor.advance()) {
      ASSERT_LT(cursor.number(), times.size());
      ASSERT_EQ(times[cursor.number()], Nanoseconds{-1}) << "sent twice";
      times[cursor.number()] = cursor.due();
      ++in_phase[cursor.phase()];
    }
    for (const std::size_t p : {0, 1})
      EXPECT_EQ(in_phase[p], plan.share(p, t, threads, plan.end()));
  }
  for (std::uint64_t n = 0; n < times.size(); ++n) {
    const Phase& phase = plan.phases()[n >= plan.phases()[1].first_number ? 1 : 0];
    ASSERT_EQ(times[n], phase.start + phase.schedule->due(n - phase.first_number));
  }
}
INSTANTIATE_TEST_SUITE_P(Threads, PlanShareTest, testing::Values(1, 2, 3, 8));

TEST(PlanTest, CountsTheShareOfAStoppedRunByWhatWasDue) {
  Plan plan;
  plan.add("measure", PhaseKind::measure, from_seconds(10),
           constant_schedule(10, from_seconds(10)));
  // Due before 1 s: 0 … 9; of three threads the first has 0, 3, 6, 9.
  EXPECT_EQ(plan.share(0, 0, 3, from_seconds(1)), 4U);
  EXPECT_EQ(plan.share(0, 1, 3, from_seconds(1)), 3U);
  EXPECT_EQ(plan.share(0, 0, 1, from_seconds(99)), 100U);
}

TEST(PlanTest, NumbersGoOnWhereAnotherRunHasEnded) {
  Plan plan(100);
  plan.add("one", PhaseKind::warm_up, from_seconds(1), constant_schedule(10, from_seconds(1)));
  plan.add("two", PhaseKind::measure, from_seconds(1), constant_schedule(10, from_seconds(1)));
  EXPECT_EQ(plan.phases()[0].first_number, 100U);
  EXPECT_EQ(plan.phases()[1].first_number, 110U);
}

TEST(PlanTest, ACursorGoesToAnyRequestOfItsShare) {
  Plan plan;
  plan.add("one", PhaseKind::warm_up, from_seconds(2), constant_schedule(100, from_seconds(2)));
  plan.add("none", PhaseKind::measure, from_seconds(1), closed_schedule(50));
  plan.add("two", PhaseKind::measure, from_seconds(3), constant_schedule(100, from_seconds(3)));
  for (std::uint64_t index = 0; index < 3; ++index) {
    std::vector<std::uint64_t> numbers;
    std::vector<Nanoseconds> times;
    for (PlanCursor all(plan, index, 3); !all.done(); all.advance()) {
      numbers.push_back(all.number());
      times.push_back(all.due());
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      PlanCursor cursor(plan, index, 3);
      cursor.seek(numbers[i]);
      ASSERT_FALSE(cursor.done());
      EXPECT_EQ(cursor.number(), numbers[i]);
      EXPECT_EQ(cursor.due(), times[i]);
    }
  }
}

struct DurationCase {
  const char* name;
  const char* text;
  std::int64_t nanoseconds;  // -1: refused
};
class DurationTest : public testing::TestWithParam<DurationCase> {};
TEST_P(DurationTest, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(parse_duration(GetParam().text).value_or(Nanoseconds{-1}).count(),
            GetParam().nanoseconds);
}
constexpr DurationCase kDurations[] = {
    {"seconds", "10s", 10'000'000'000},
    {"parts", "1h30m", 5'400'000'000'000},
    {"decimals", "0.25ms", 250'000},
    {"zero", "0", 0},
    {"no_unit", "10", -1},
    {"negative", "-1s", -1},
    {"empty", "", -1},
    {"words", "ten", -1},
    {"more_than_a_year", "10000000000h", -1},
};
INSTANTIATE_TEST_SUITE_P(Texts, DurationTest, testing::ValuesIn(kDurations),
                         case_name<DurationCase>);

}  // namespace
}  // namespace s1flow::loadgen
