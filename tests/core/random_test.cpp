#include "core/random.h"

#include <array>
#include <cmath>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace s1flow {
namespace {

TEST(RandomTest, GivesTheSameNumbersOnEveryMachineAndInEveryRelease) {
  Random random(42);
  const std::array<std::uint64_t, 4> expected{14585004453952745724ULL, 963425209539481646ULL,
                                              5031754615345081387ULL, 6003384052849686581ULL};
  for (const std::uint64_t value : expected) EXPECT_EQ(random.next(), value);
  EXPECT_EQ(Random(42, 7).next(), 16048371878293047674ULL);
  EXPECT_EQ(Random(0).next(), 6235967106033911276ULL);
  static_assert(mix64(0) == 0);
  static_assert(mix64(0x9E3779B97F4A7C15ULL) == 0xE220A8397B1DCDAFULL);  // SplitMix64 from state 0
}

TEST(RandomTest, RepeatsForTheSameSeedAndStreamOnly) {
  Random a(1, 2), b(1, 2), other_stream(1, 3), other_seed(2, 2);
  int same_stream = 0, same_seed = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t value = a.next();
    ASSERT_EQ(b.next(), value);
    same_stream += other_stream.next() == value;
    same_seed += other_seed.next() == value;
  }
  EXPECT_EQ(same_stream, 0);
  EXPECT_EQ(same_seed, 0);
}

TEST(RandomTest, StaysBelowItsBoundAndFillsItEvenly) {
  Random random(3);
  std::array<int, 10> counts{};
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) ++counts.at(random.below(counts.size()));
  // Chi-squared with nine degrees of freedom: beyond 27.9 once in a thousand; the seed is fixed.
  double chi = 0;
  for (const int count : counts) chi += std::pow(count - kDraws / 10.0, 2) / (kDraws / 10.0);
  EXPECT_LT(chi, 27.9);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(random.below(1), 0U);
}

TEST(RandomTest, ReachesTheWholeOfALargeRange) {
  Random random(4);
  constexpr std::uint64_t kBound = std::uint64_t{3} << 62;
  int upper = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::uint64_t value = random.below(kBound);
    ASSERT_LT(value, kBound);
    upper += value >= std::uint64_t{1} << 63;
  }
  EXPECT_NEAR(upper, 1000, 130);
}

TEST(RandomTest, DrawsFractionsFromZeroUpToOne) {
  Random random(5);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double value = random.unit();
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    sum += value;
  }
  EXPECT_NEAR(sum / 100'000, 0.5, 0.005);
}

TEST(RandomTest, KeepsToTheChanceItIsGiven) {
  Random random(6);
  int never = 0, always = 0, fifth = 0;
  for (int i = 0; i < 50'000; ++i) {
    never += random.chance(0.0);
    always += random.chance(1.0);
    fifth += random.chance(0.2);
  }
  EXPECT_EQ(never, 0);
  EXPECT_EQ(always, 50'000);
  EXPECT_NEAR(fifth, 10'000, 400);
}

TEST(Hash64Test, GivesTheSameValueOnEveryMachineAndInEveryRelease) {
  EXPECT_EQ(hash64("1200023305967"), 16772427882396930260ULL);
  EXPECT_EQ(hash64("12000233"), 13918174471800512706ULL);
  EXPECT_EQ(hash64("a", 1), 15724650169172236990ULL);
}

TEST(Hash64Test, TellsLengthsSaltsAndEveryBitApart) {
  std::set<std::uint64_t> seen;
  std::string text(20, '\0');
  for (std::size_t size = 0; size <= text.size(); ++size)
    EXPECT_TRUE(seen.insert(hash64({text.data(), size}, 9)).second) << size;
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string other = text;
    other[bit / 8] = static_cast<char>(1 << bit % 8);
    EXPECT_TRUE(seen.insert(hash64(other, 9)).second) << bit;
  }
  for (std::uint64_t salt = 10; salt < 100; ++salt)
    EXPECT_TRUE(seen.insert(hash64(text, salt)).second) << salt;
}

TEST(Hash64Test, ReadsNothingBeforeOrBehindTheText) {
  const std::string text = "xx1200023305967yy";
  EXPECT_EQ(hash64(std::string_view(text).substr(2, 13)), hash64("1200023305967"));
}

// Seeds of generated batches come from it, so its values stay as they are.
TEST(HashTest, GivesTheSameForeverWhateverTheLength) {
  const std::string text = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::uint64_t all = 0;
  for (std::size_t size = 0; size <= text.size(); ++size)
    all = all * 31 + hash64(std::string_view(text).substr(0, size), size);
  EXPECT_EQ(all, 15805371216871182181ULL);
}

}  // namespace
}  // namespace s1flow
