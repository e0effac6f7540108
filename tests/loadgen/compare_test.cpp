#include "loadgen/compare.h"

#include <cmath>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/random.h"
#include "loadgen/block_noise.h"
#include "tests/case_name.h"
#include "tests/loadgen/simulated_runs.h"

namespace s1flow::loadgen {
namespace {

Comparison compare_two(const BlockCounts& a, const BlockCounts& b) {
  const SeriesPair pair{0, &a, &b};
  return compare({&pair, 1}, {}, {});
}

const Shift& at(const Comparison& c, double percent) {
  for (const Shift& s : c.series.at(0))
    if (s.percent == percent) return s;
  return c.series.at(0).front();
}

const RunShape& shape(std::string_view name) {
  for (const RunShape& s : run_shapes())
    if (s.name == name) return s;
  return run_shapes().front();
}

// ---- how often it is right: few pairs here, many in bench/compare_rates.cpp

struct RateCase {
  const char* name;
  const char* shape;
};
class CompareRateTest : public testing::TestWithParam<RateCase> {};

constexpr int kPairs = 20;
// More than one in twenty by chance: so few pairs can only show what is far off.
constexpr int kChance = 2;

TEST_P(CompareRateTest, SeldomCallsEqualRunsSlower) {
  const RunShape& s = shape(GetParam().shape);
  int flagged = 0;
  for (std::uint64_t i = 0; i < kPairs; ++i)
    flagged += compare_two(simulate(s, {}, 2 * i), simulate(s, {}, 2 * i + 1)).slower() ? 1 : 0;
  EXPECT_LE(flagged, kPairs / 20 + kChance)
      << flagged << " of " << kPairs << " equal pairs flagged";
}

constexpr RateCase kEqual[] = {{"independent", "independent"},   {"drifting", "drifting"},
                               {"heavy_tail", "heavy_tail"},     {"busy_queue", "busy_queue"},
                               {"short_stalls", "short_stalls"}, {"long_stalls", "long_stalls"}};
INSTANTIATE_TEST_SUITE_P(Shapes, CompareRateTest, testing::ValuesIn(kEqual), case_name<RateCase>);

class ComparePowerTest : public CompareRateTest {};

TEST_P(ComparePowerTest, FindsAP99ThatIsTenPercentLonger) {
  const RunShape& s = shape(GetParam().shape);
  const Tail tail = tail_of(s, RunSize{}.rate);
  int found = 0;
  for (std::uint64_t i = 0; i < kPairs; ++i)
    found +=
        compare_two(simulate(s, {}, 2 * i), simulate(s, {}, 2 * i + 1, 0.1, tail)).slower() ? 1 : 0;
  EXPECT_GE(found * 20, kPairs * 19) << found << " of " << kPairs << " slower runs found";
}

constexpr RateCase kSlower[] = {{"independent", "independent"},
                                {"drifting", "drifting"},
                                {"slowly_drifting", "slowly_drifting"}};
INSTANTIATE_TEST_SUITE_P(Shapes, ComparePowerTest, testing::ValuesIn(kSlower), case_name<RateCase>);

// ---- what it says of one pair

TEST(CompareTest, SaysTheSameOfTheSameInput) {
  const BlockCounts a = simulate(shape("drifting"), {}, 1);
  const BlockCounts b = simulate(shape("drifting"), {}, 2);
  const Comparison one = compare_two(a, b);
  const Comparison two = compare_two(a, b);
  EXPECT_EQ(one.critical, two.critical);
  for (const double p : kComparedPercentiles) {
    EXPECT_EQ(at(one, p).low, at(two, p).low);
    EXPECT_EQ(at(one, p).high, at(two, p).high);
  }
}

TEST(CompareTest, FindsNothingBetweenARunAndItself) {
  const BlockCounts a = simulate(shape("long_stalls"), {}, 1);
  const Comparison c = compare_two(a, a);
  for (const double p : kComparedPercentiles) {
    EXPECT_EQ(at(c, p).shift, 0) << p;
    EXPECT_NE(at(c, p).verdict, ShiftVerdict::slower) << p;
    EXPECT_NE(at(c, p).verdict, ShiftVerdict::faster) << p;
  }
}

TEST(CompareTest, HoldsTheTrueShiftWithinItsInterval) {
  const RunShape& s = shape("drifting");
  const Comparison c =
      compare_two(simulate(s, {}, 5), simulate(s, {}, 6, 0.1, tail_of(s, RunSize{}.rate)));
  EXPECT_EQ(at(c, 99).verdict, ShiftVerdict::slower);
  EXPECT_LT(at(c, 99).low, 0.1);
  EXPECT_GT(at(c, 99).high, 0.1);
  EXPECT_LT(at(c, 50).low, 0.0);
  EXPECT_GT(at(c, 50).high, 0.0);
}

TEST(CompareTest, CallsFasterWhatIsSlowerTheOtherWayRound) {
  const RunShape& s = shape("independent");
  const BlockCounts slow = simulate(s, {}, 6, 0.2, tail_of(s, RunSize{}.rate));
  const Comparison c = compare_two(slow, simulate(s, {}, 5));
  EXPECT_EQ(at(c, 99).verdict, ShiftVerdict::faster);
  EXPECT_FALSE(c.slower());
}

struct LittleCase {
  const char* name;
  RunSize size;
  double percent;  // the lowest for which there is not enough
};
class CompareLittleTest : public testing::TestWithParam<LittleCase> {};

TEST_P(CompareLittleTest, SaysThatThereIsNotEnough) {
  const RunShape& s = shape("independent");
  const Comparison c = compare_two(simulate(s, GetParam().size, 1),
                                   simulate(s, GetParam().size, 2, 5, tail_of(s, 1000)));
  for (const Shift& shift : c.series.at(0))
    EXPECT_EQ(shift.verdict == ShiftVerdict::not_enough_data, shift.percent >= GetParam().percent)
        << shift.percent;
}

constexpr LittleCase kLittle[] = {{"a_few_seconds", {.seconds = 9, .rate = 1000}, 0},
                                  {"one_a_second", {.seconds = 60, .rate = 1}, 90},
                                  {"ten_a_second", {.seconds = 60, .rate = 10}, 99},
                                  {"a_hundred_a_second", {.seconds = 60, .rate = 100}, 99.9},
                                  {"a_thousand_a_second", {.seconds = 60, .rate = 1000}, 101}};
INSTANTIATE_TEST_SUITE_P(Sizes, CompareLittleTest, testing::ValuesIn(kLittle),
                         case_name<LittleCase>);

TEST(CompareTest, HasNoWordForRunsWithoutAnyValue) {
  const BlockCounts nothing(60);
  const Comparison c = compare_two(nothing, nothing);
  EXPECT_FALSE(c.enough_data());
  EXPECT_FALSE(c.slower());
}

// A tail of one single event is one observation, however many requests were in it.
TEST(CompareTest, DoesNotTakeOneStallForAThousandSlowRequests) {
  BlockCounts quiet = simulate(shape("independent"), {}, 1);
  BlockCounts stalled = simulate(shape("independent"), {}, 2);
  for (int i = 0; i < 1000; ++i) stalled.add(30, std::chrono::milliseconds(500));
  const Comparison c = compare_two(quiet, stalled);
  EXPECT_EQ(at(c, 99).verdict, ShiftVerdict::not_enough_data);
  EXPECT_FALSE(c.slower());
}

// The level rises tenfold over the run, which is no noise when both do the same.
TEST(CompareTest, SeesThroughARampThatBothRunsHave) {
  const auto ramp = [](std::uint64_t seed, double factor) {
    BlockCounts out(60);
    Random random(seed);
    for (std::size_t second = 0; second < 60; ++second)
      for (int i = 0; i < 500; ++i)
        out.add(second, Nanoseconds{static_cast<std::int64_t>(
                            factor * 1e6 * std::pow(10.0, static_cast<double>(second) / 60) *
                            (1 + random.unit()))});
    return out;
  };
  const Comparison equal = compare_two(ramp(1, 1), ramp(2, 1));
  EXPECT_FALSE(equal.slower());
  EXPECT_LT(at(equal, 50).high - at(equal, 50).low, 0.1);
  EXPECT_TRUE(compare_two(ramp(1, 1), ramp(3, 1.1)).slower());
}

TEST(CompareTest, ComparesRunsOfDifferentLength) {
  const RunShape& s = shape("drifting");
  const BlockCounts a = simulate(s, {.seconds = 40, .rate = 1000}, 1);
  EXPECT_FALSE(compare_two(a, simulate(s, {}, 2)).slower());
  EXPECT_TRUE(compare_two(a, simulate(s, {}, 3, 0.2, tail_of(s, 1000))).slower());
}

// With twenty classes there are a hundred percentiles to be wrong about.
TEST(CompareTest, DoesNotFlagMoreBecauseThereAreManyClasses) {
  constexpr std::size_t kClasses = 20;
  constexpr std::uint64_t kRuns = 40;
  int flagged = 0;
  for (std::uint64_t run = 0; run < kRuns; ++run) {
    std::vector<BlockCounts> counts;
    for (std::uint64_t i = 0; i < 2 * kClasses; ++i)
      counts.push_back(
          simulate(shape("drifting"), {.seconds = 60, .rate = 50}, run * 2 * kClasses + i + 5000));
    std::vector<SeriesPair> pairs;
    for (std::size_t c = 0; c < kClasses; ++c)
      pairs.push_back({0, &counts[2 * c], &counts[2 * c + 1]});
    flagged += compare(pairs, {}, {}).slower() ? 1 : 0;
  }
  EXPECT_LE(flagged, static_cast<int>(kRuns / 20) + kChance) << flagged << " of " << kRuns;
}

BlockShares shares(std::uint64_t seed, double share) {
  BlockShares out{std::vector<std::uint64_t>(60), std::vector<std::uint64_t>(60)};
  Random random(seed);
  for (std::size_t k = 0; k < 60; ++k)
    for (int i = 0; i < 1000; ++i) {
      ++out.ended[k];
      out.failed[k] += random.chance(share) ? 1 : 0;
    }
  return out;
}

struct ShareCase {
  const char* name;
  double a, b;
  ShiftVerdict verdict;
};
class CompareShareTest : public testing::TestWithParam<ShareCase> {};

TEST_P(CompareShareTest, JudgesTheShareThatFailed) {
  const BlockShares a = shares(1, GetParam().a);
  const BlockShares b = shares(2, GetParam().b);
  const SharePair pair{0, &a, &b};
  const Comparison c = compare({}, {&pair, 1}, {});
  EXPECT_EQ(c.shares.at(0).verdict, GetParam().verdict)
      << c.shares.at(0).low << " " << c.shares.at(0).high;
  EXPECT_EQ(c.slower(), GetParam().verdict == ShiftVerdict::slower);
}

constexpr ShareCase kShares[] = {{"none", 0, 0, ShiftVerdict::same},
                                 {"a_few", 0.0001, 0.0003, ShiftVerdict::same},
                                 {"as_many", 0.01, 0.01, ShiftVerdict::unclear},
                                 {"more", 0.01, 0.02, ShiftVerdict::slower},
                                 {"suddenly_some", 0, 0.01, ShiftVerdict::slower},
                                 {"fewer", 0.02, 0.01, ShiftVerdict::faster}};
INSTANTIATE_TEST_SUITE_P(Shares, CompareShareTest, testing::ValuesIn(kShares),
                         case_name<ShareCase>);

// ---- the tools

TEST(BlockNoiseTest, KnowsTheQuantilesOfItsDistributions) {
  EXPECT_NEAR(normal_quantile(0.975), 1.959964, 1e-5);
  EXPECT_NEAR(normal_quantile(0.5), 0, 1e-9);
  EXPECT_NEAR(normal_quantile(0.0001), -3.719016, 1e-4);
  EXPECT_NEAR(student(1.959964, 10), 2.228139, 0.01);
  EXPECT_NEAR(student(1.959964, 60), 2.000298, 0.001);
  EXPECT_NEAR(student(2.575829, 9), 3.249836, 0.03);
}

TEST(BlockNoiseTest, CountsInWhatBlocksHaveInCommonWithThoseBeforeThem) {
  constexpr double kCarried = 0.6;
  double ratio = 0;
  for (std::uint64_t round = 0; round < 200; ++round) {
    Random random(round);
    std::vector<double> blocks(60);
    double level = 0;
    for (double& b : blocks) {
      level = kCarried * level + normal_quantile(random.unit() + 0x1p-54);
      b = level;
    }
    ratio += noise_of(blocks).variance / (60 / ((1 - kCarried) * (1 - kCarried))) / 200;
  }
  // On the average not less than the truth, and not much more.
  EXPECT_GT(ratio, 0.9);
  EXPECT_LT(ratio, 2.0);
}

}  // namespace
}  // namespace s1flow::loadgen
