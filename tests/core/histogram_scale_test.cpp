// What the histogram promises, at the size at which it is used.

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/histogram.h"
#include "core/random.h"
#include "tests/case_name.h"

namespace s1flow {
namespace {

struct ShapeCase {
  const char* name;
  double (*draw)(Random&);  // nanoseconds
};

double exponential(Random& random, double mean) {
  return -mean * std::log(1 - random.unit());
}

constexpr ShapeCase kShapes[] = {
    {"uniform_over_an_hour",
     [](Random& r) { return static_cast<double>(r.below(Histogram::kLimit)); }},
    {"exponential_of_a_millisecond", [](Random& r) { return exponential(r, 1e6); }},
    {"heavy_tail", [](Random& r) { return 50'000 / std::pow(1 - r.unit(), 0.8); }},
    {"two_peaks",
     [](Random& r) {
       return r.chance(0.02) ? 2e8 + exponential(r, 9e6) : 8e4 + exponential(r, 4e3);
     }},
    {"around_a_doubling",
     [](Random& r) { return static_cast<double>((1 << 20) - 3000 + r.below(6000)); }},
};

class HistogramScaleTest : public testing::TestWithParam<ShapeCase> {};

TEST_P(HistogramScaleTest, AgreesWithSortingTenMillionValuesWithinAThousandth) {
  constexpr std::size_t kValues = 10'000'000;
  Random random(5);
  Histogram histogram;
  std::vector<std::int64_t> sorted(kValues);
  for (std::int64_t& value : sorted) {
    value = static_cast<std::int64_t>(
        std::min(GetParam().draw(random), static_cast<double>(Histogram::kLimit)));
    histogram.record(Nanoseconds{value});
  }
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(histogram.count(), kValues);
  EXPECT_EQ(histogram.min().count(), sorted.front());
  EXPECT_EQ(histogram.max().count(), sorted.back());
  double worst = 0;
  for (double percent = 0.01; percent < 100; percent += 0.01) {
    const auto rank = static_cast<std::size_t>(
        std::clamp(std::ceil(percent / 100 * static_cast<double>(kValues) - 1e-3), 1.0,
                   static_cast<double>(kValues)));
    const auto truth = static_cast<double>(sorted[rank - 1]);
    const auto got = static_cast<double>(histogram.percentile(percent).count());
    ASSERT_GE(got, truth) << percent;
    worst = std::max(worst, truth > 0 ? got / truth - 1 : 0);
  }
  EXPECT_LE(worst, 0.001);
  RecordProperty("worst_deviation_in_millionths", static_cast<int>(worst * 1e6));
}

INSTANTIATE_TEST_SUITE_P(Shapes, HistogramScaleTest, testing::ValuesIn(kShapes),
                         case_name<ShapeCase>);

long resident_pages() {
  std::ifstream file("/proc/self/statm");
  long all = 0;
  long resident = -1;
  file >> all >> resident;
  return resident;
}

// Values of a table, so that what is measured is the histogram and not the making of numbers.
TEST(HistogramScaleTest, NeedsNoMoreMemoryForAHundredMillionValuesThanForAMillion) {
  std::array<std::int64_t, 1 << 16> values{};
  Random random(6);
  for (std::int64_t& value : values)
    value = static_cast<std::int64_t>(exponential(random, 3e6)) + 40'000;
  Histogram histogram;
  std::size_t at = 0;
  const auto record = [&](std::size_t times) {
    for (std::size_t i = 0; i < times; ++i)
      histogram.record(Nanoseconds{values[++at % values.size()]});
  };
  record(1'000'000);
  const long before = resident_pages();
  record(99'000'000);
  const long after = resident_pages();
  ASSERT_GT(before, 0);
  EXPECT_EQ(histogram.count(), 100'000'000U);
  const long mebibyte = (1 << 20) / ::sysconf(_SC_PAGESIZE);
  EXPECT_LE(after - before, mebibyte) << before << " pages before, " << after << " after";
}

}  // namespace
}  // namespace s1flow
