#include "core/histogram.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "core/random.h"
#include "tests/case_name.h"

namespace s1flow {
namespace {

struct StepCase {
  const char* name;
  std::int64_t value;
  std::int64_t lowest;
  std::int64_t highest;
};

class HistogramStepTest : public testing::TestWithParam<StepCase> {};

TEST_P(HistogramStepTest, CountsAValueWithItsNeighbours) {
  const std::size_t index = Histogram::index_of(GetParam().value);
  EXPECT_EQ(Histogram::lowest_of(index), GetParam().lowest);
  EXPECT_EQ(Histogram::highest_of(index), GetParam().highest);
}

constexpr StepCase kSteps[] = {
    {"zero", 0, 0, 0},
    {"last_exact_one", 2047, 2047, 2047},
    {"first_pair", 2048, 2048, 2049},
    {"second_of_a_pair", 2049, 2048, 2049},
    {"last_pair", 4095, 4094, 4095},
    {"first_of_four", 4096, 4096, 4099},
    {"a_millisecond", 1'000'000, 999'936, 1'000'447},
};
INSTANTIATE_TEST_SUITE_P(Steps, HistogramStepTest, testing::ValuesIn(kSteps), case_name<StepCase>);

TEST(HistogramTest, HoldsAnHourInItsLastSteps) {
  const std::size_t index = Histogram::index_of(Histogram::kLimit);
  EXPECT_LT(index, Histogram::kSize);
  EXPECT_LE(Histogram::lowest_of(index), Histogram::kLimit);
  EXPECT_GE(Histogram::highest_of(index), Histogram::kLimit);
}

struct ShapeCase {
  const char* name;
  std::int64_t (*draw)(Random&);
};

std::int64_t uniform(Random& random) {
  return static_cast<std::int64_t>(random.below(10'000'000'000ULL));
}
std::int64_t heavy_tail(Random& random) {
  return static_cast<std::int64_t>(50'000.0 / std::pow(1.0 - random.unit(), 0.8));
}
std::int64_t two_peaks(Random& random) {
  return static_cast<std::int64_t>(random.chance(0.02) ? 200'000'000 + random.below(9'000'000)
                                                       : 80'000 + random.below(4'000));
}
std::int64_t tiny(Random& random) {
  return static_cast<std::int64_t>(random.below(3000));
}

class HistogramShapeTest : public testing::TestWithParam<ShapeCase> {};

TEST_P(HistogramShapeTest, AgreesWithSortingWithinAThousandth) {
  constexpr std::size_t kValues = 200'000;
  Random random(7);
  Histogram histogram;
  std::vector<std::int64_t> sorted;
  for (std::size_t i = 0; i < kValues; ++i) {
    const std::int64_t value = std::min(GetParam().draw(random), Histogram::kLimit);
    sorted.push_back(value);
    histogram.record(Nanoseconds{value});
  }
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(histogram.min().count(), sorted.front());
  EXPECT_EQ(histogram.max().count(), sorted.back());
  for (const double percent : {0.0, 1.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 100.0}) {
    const auto rank = static_cast<std::size_t>(
        std::max(1.0, std::ceil(percent / 100 * static_cast<double>(kValues) - 1e-6)));
    const auto truth = static_cast<double>(sorted[rank - 1]);
    const auto got = static_cast<double>(histogram.percentile(percent).count());
    EXPECT_GE(got, truth) << percent;
    EXPECT_LE(got, truth * 1.001) << percent;
  }
}

TEST_P(HistogramShapeTest, MergesManyRecordersIntoWhatOneWouldHaveSeen) {
  Random random(11);
  std::array<Histogram, 5> parts;
  Histogram one;
  for (int i = 0; i < 50'000; ++i) {
    const std::int64_t value = GetParam().draw(random);
    one.record(Nanoseconds{value});
    parts[random.below(parts.size())].record(Nanoseconds{value});
  }
  Histogram merged;
  for (const Histogram& part : parts) merged.add(part);
  EXPECT_TRUE(merged == one);
  EXPECT_EQ(merged.percentile(99.9), one.percentile(99.9));
}

constexpr ShapeCase kShapes[] = {
    {"uniform", &uniform}, {"heavy_tail", &heavy_tail}, {"two_peaks", &two_peaks}, {"tiny", &tiny}};
INSTANTIATE_TEST_SUITE_P(Shapes, HistogramShapeTest, testing::ValuesIn(kShapes),
                         case_name<ShapeCase>);

TEST(HistogramTest, GivesZerosForNothing) {
  const Histogram empty;
  EXPECT_EQ(empty.percentile(99).count(), 0);
  EXPECT_EQ(empty.min().count(), 0);
  EXPECT_EQ(empty.max().count(), 0);
  EXPECT_EQ(empty.mean(), 0);
  EXPECT_EQ(empty.count_up_to(Nanoseconds{5}), 0U);
}

TEST(HistogramTest, CountsARankThatIsNoBinaryFractionByItsDecimalMeaning) {
  Histogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.record(Nanoseconds{i});
  EXPECT_EQ(histogram.percentile(99.9).count(), 999);
  EXPECT_EQ(histogram.percentile(50).count(), 500);
  EXPECT_EQ(histogram.percentile(100).count(), 1000);
  EXPECT_EQ(histogram.percentile(0).count(), 1);
}

TEST(HistogramTest, SaysHowManyValuesWereBeyondItsLimits) {
  Histogram histogram;
  histogram.record(Nanoseconds{Histogram::kLimit + 1});
  histogram.record(Nanoseconds{-5});
  EXPECT_EQ(histogram.count(), 2U);
  EXPECT_EQ(histogram.saturated(), 1U);
  EXPECT_EQ(histogram.max().count(), Histogram::kLimit);
  EXPECT_EQ(histogram.min().count(), 0);
}

TEST(HistogramTest, ForgetsEverythingWhenCleared) {
  Histogram histogram;
  histogram.record(Nanoseconds{123'456});
  histogram.clear();
  EXPECT_TRUE(histogram == Histogram());
  histogram.record(Nanoseconds{1});
  EXPECT_EQ(histogram.percentile(100).count(), 1);
}

TEST(HistogramTest, CountsUpToAValue) {
  Histogram histogram;
  for (int i = 1; i <= 100; ++i) histogram.record(Nanoseconds{i});
  EXPECT_EQ(histogram.count_up_to(Nanoseconds{0}), 0U);
  EXPECT_EQ(histogram.count_up_to(Nanoseconds{30}), 30U);
  EXPECT_EQ(histogram.count_up_to(Nanoseconds{1000}), 100U);
}

TEST(HistogramTest, TakesBackOnlyEndsThatItsStepsAllow) {
  Histogram exact;
  exact.record(Nanoseconds{5'000'001});
  exact.record(Nanoseconds{9'000'003});
  Histogram steps;
  for (const auto value : {exact.min(), exact.max()})
    ASSERT_TRUE(steps.add_at(Histogram::index_of(value.count()), 1));
  EXPECT_FALSE(steps == exact);
  EXPECT_FALSE(steps.restore(exact.max(), exact.min(), 0));
  EXPECT_FALSE(steps.restore(Nanoseconds{4'000'000}, exact.max(), 0));
  EXPECT_FALSE(steps.restore(exact.min(), Nanoseconds{99'000'000}, 0));
  EXPECT_FALSE(steps.restore(exact.min(), exact.max(), 1));  // nothing is at the limit
  EXPECT_TRUE(steps.restore(exact.min(), exact.max(), 0));
  EXPECT_TRUE(steps == exact);
  EXPECT_FALSE(Histogram().restore(Nanoseconds{0}, Nanoseconds{0}, 0));
}

}  // namespace
}  // namespace s1flow
