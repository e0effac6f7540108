// Sets of keys that only grow, against std::set.

#include "pipeline/single/seen_keys.h"

#include <set>
#include <string>

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

TEST(SeenTextsTest, TellsNewTextsFromOldOnesAndCopiesThem) {
  SeenTexts seen;
  std::set<std::string> reference;
  Random random(2);
  for (int i = 0; i < 20'000; ++i) {
    std::string text = std::to_string(random.below(6'000));
    if (random.chance(0.1)) text.insert(0, std::string(random.below(40), 'x'));
    if (random.chance(0.01)) text.clear();
    ASSERT_EQ(seen.insert(text), reference.insert(text).second) << text;
    text.assign(text.size(), '?');  // what was given is no longer there
  }
}

}  // namespace
}  // namespace s1flow::pipeline
