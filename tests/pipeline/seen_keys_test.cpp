// A set of numbers that only grows, against std::set.

#include "pipeline/single/seen_keys.h"

#include <set>

#include <gtest/gtest.h>

#include "core/random.h"

namespace s1flow::pipeline {
namespace {

TEST(SeenNumbersTest, TellsNewNumbersFromOldOnes) {
  SeenNumbers seen;
  std::set<std::uint64_t> reference;
  Random random(1);
  for (int i = 0; i < 20'000; ++i) {
    // Zero among them, neighbours, and numbers that differ in their high bits only.
    const std::uint64_t number =
        random.chance(0.5) ? random.below(4'000) : random.below(64) << 58 | random.below(16);
    ASSERT_EQ(seen.insert(number), reference.insert(number).second) << number;
  }
}

}  // namespace
}  // namespace s1flow::pipeline
