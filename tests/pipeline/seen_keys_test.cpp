// A set of numbers that only grows, against std::set.

#include "pipeline/single/seen_keys.h"

#include <set>

#include <gtest/gtest.h>

#include "core/random.h"

namespace s1flow::pipeline {
namespace {

TEST(SeenNumbersTest, TellsNewNumbersFromOldOnes) {
  SeenNumbers seen(1 << 20);
  std::set<std::uint64_t> reference;
  Random random(1);
  for (int i = 0; i < 20'000; ++i) {
    // Zero among them, neighbours, and numbers that differ in their high bits only.
    const std::uint64_t number =
        random.chance(0.5) ? random.below(4'000) : random.below(64) << 58 | random.below(16);
    const auto expected =
        reference.insert(number).second ? SeenNumbers::Answer::first : SeenNumbers::Answer::again;
    ASSERT_EQ(seen.insert(number), expected) << number;
  }
}

TEST(SeenNumbersTest, SaysWhenItHasNoRoom) {
  constexpr std::uint64_t kMost = 40'000;  // 2,048 numbers, with the table before them
  SeenNumbers numbers(kMost);
  std::uint64_t taken = 0;
  while (numbers.insert(taken + 1) == SeenNumbers::Answer::first) ++taken;
  EXPECT_GE(taken, 1000U);
  EXPECT_LE(taken * 8, kMost);
  EXPECT_EQ(numbers.insert(taken + 1), SeenNumbers::Answer::full);
  EXPECT_EQ(numbers.insert(taken + 2), SeenNumbers::Answer::full);
  for (std::uint64_t n = 1; n <= taken; ++n)
    ASSERT_EQ(numbers.insert(n), SeenNumbers::Answer::again);
  EXPECT_EQ(numbers.insert(0), SeenNumbers::Answer::first);
  EXPECT_EQ(numbers.insert(0), SeenNumbers::Answer::again);
}

TEST(SeenNumbersTest, ForgetsNothingWhenRoomIsMade) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 20;
  for (const std::uint64_t expected : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{100},
                                       std::uint64_t{50'000}, ~std::uint64_t{0}}) {
    SeenNumbers numbers(kMost);
    for (std::uint64_t n = 0; n < 100; ++n) (void)numbers.insert(n * n);
    EXPECT_EQ(numbers.size(), 99U);  // zero has a place of its own
    numbers.make_room(expected);
    for (std::uint64_t n = 0; n < 100; ++n)
      ASSERT_EQ(numbers.insert(n * n), SeenNumbers::Answer::again);
    std::uint64_t taken = 0;
    while (numbers.insert(1'000'000 + taken) == SeenNumbers::Answer::first) ++taken;
    EXPECT_GE(taken, 45'000U) << expected;  // as many as without
    EXPECT_LE(taken * 8, kMost) << expected;
  }
}

}  // namespace
}  // namespace s1flow::pipeline
