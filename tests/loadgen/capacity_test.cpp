#include "loadgen/capacity.h"

#include <gtest/gtest.h>

#include "tests/case_name.h"

namespace s1flow::loadgen {
namespace {

struct CapacityCase {
  const char* name;
  double knee;
  double first;
  double most;
  VerdictKind failure;
  Limiter limiter;
};
class CapacityTest : public testing::TestWithParam<CapacityCase> {};

TEST_P(CapacityTest, EndsWithinItsPrecisionBelowTheKnee) {
  const CapacityCase& c = GetParam();
  const auto trial = [&](double rate) -> Result<std::optional<CapacityTrial>> {
    const bool holds = rate <= c.knee;
    return CapacityTrial{rate, rate, holds ? VerdictKind::pass : c.failure,
                         holds ? "held" : "too slow"};
  };
  const auto found = find_capacity({.first_rate = c.first, .most_rate = c.most}, trial);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->limiter, c.limiter);
  const double truth = std::min(c.knee, c.most);
  EXPECT_LE(found->rate, truth);
  EXPECT_GE(found->rate, truth * 0.98);
  EXPECT_LE(found->trials.size(), 40U);
  if (c.limiter == Limiter::target) {
    EXPECT_NE(found->evidence.find("too slow"), std::string::npos);
  }
}
const CapacityCase kCases[] = {
    {"above_the_first", 3210, 100, 1e6, VerdictKind::missed, Limiter::target},
    {"below_the_first", 37, 1000, 1e6, VerdictKind::missed, Limiter::target},
    {"at_the_first", 1000, 1000, 1e6, VerdictKind::missed, Limiter::target},
    {"beyond_the_cap", 1e9, 100, 5000, VerdictKind::missed, Limiter::cap},
    {"of_the_generator", 900, 100, 1e6, VerdictKind::invalid, Limiter::generator},
    {"nothing_holds", 0, 100, 1e6, VerdictKind::missed, Limiter::none_held},
};
INSTANTIATE_TEST_SUITE_P(Knees, CapacityTest, testing::ValuesIn(kCases), case_name<CapacityCase>);

TEST(CapacityTest, AsksAgainBeforeItBelievesAFailure) {
  int calls = 0;
  const auto trial = [&](double rate) -> Result<std::optional<CapacityTrial>> {
    const bool disturbed = ++calls == 2;
    const bool holds = rate <= 500 && !disturbed;
    return CapacityTrial{rate, rate, holds ? VerdictKind::pass : VerdictKind::missed, ""};
  };
  const auto found = find_capacity({.first_rate = 100, .most_rate = 1e6}, trial);
  ASSERT_TRUE(found);
  EXPECT_GE(found->rate, 490);
}

// Of the generator's machine, for as long as a rate is tried twice.
struct DisturbanceCase {
  const char* name;
  int from, to;  // trials that fail whatever the rate
};
class DisturbanceTest : public testing::TestWithParam<DisturbanceCase> {};

TEST_P(DisturbanceTest, DoesNotBoundTheAnswer) {
  const DisturbanceCase& c = GetParam();
  int calls = 0;
  const auto trial = [&](double rate) -> Result<std::optional<CapacityTrial>> {
    ++calls;
    const bool disturbed = c.from <= calls && calls <= c.to;
    const VerdictKind kind = disturbed     ? VerdictKind::invalid
                             : rate <= 500 ? VerdictKind::pass
                                           : VerdictKind::missed;
    return CapacityTrial{rate, rate, kind, ""};
  };
  const auto found = find_capacity({.first_rate = 100, .most_rate = 1e6}, trial);
  ASSERT_TRUE(found);
  EXPECT_GE(found->rate, 490);
  EXPECT_LE(found->rate, 500);
  EXPECT_EQ(found->limiter, Limiter::target);
  EXPECT_LE(found->trials.size(), 40U);
}
INSTANTIATE_TEST_SUITE_P(Places, DisturbanceTest,
                         testing::Values(DisturbanceCase{"at_the_first", 1, 2},
                                         DisturbanceCase{"at_the_first_two_rates", 1, 4},
                                         DisturbanceCase{"while_it_doubles", 2, 3},
                                         DisturbanceCase{"of_two_rates", 3, 6},
                                         DisturbanceCase{"while_it_halves", 6, 8}),
                         case_name<DisturbanceCase>);

TEST(CapacityTest, KeepsWhatItKnowsWhenItIsStopped) {
  int calls = 0;
  const auto trial = [&](double rate) -> Result<std::optional<CapacityTrial>> {
    if (++calls > 2) return std::nullopt;
    return CapacityTrial{rate, rate, VerdictKind::pass, ""};
  };
  const auto found = find_capacity({.first_rate = 100, .most_rate = 1e6}, trial);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->limiter, Limiter::stopped);
  EXPECT_EQ(found->rate, 200);
}

}  // namespace
}  // namespace s1flow::loadgen
