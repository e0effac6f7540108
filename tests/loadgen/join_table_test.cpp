#include "loadgen/join/join_table.h"

#include <map>

#include <gtest/gtest.h>

#include "core/random.h"

namespace s1flow::loadgen {
namespace {

JoinKey key(std::uint64_t n) {
  return {1 + n % 3, 7, n};
}

TEST(JoinTableTest, TellsFirstDuplicateLateAndUnknownApart) {
  JoinTable table(4);
  ASSERT_TRUE(table.insert({.key = key(1)}));
  ASSERT_TRUE(table.insert({.key = key(2)}));
  EXPECT_EQ(table.arrive(key(3)).arrival, Arrival::unknown);
  EXPECT_EQ(table.arrive({9, 7, 1}).arrival, Arrival::unknown);
  EXPECT_EQ(table.arrive(key(1)).arrival, Arrival::first);
  table.finish(key(1), true);
  EXPECT_EQ(table.arrive(key(1)).arrival, Arrival::duplicate);
  table.finish(key(2), false);
  EXPECT_EQ(table.arrive(key(2)).arrival, Arrival::late);
  EXPECT_EQ(table.outstanding(), 0U);
}

TEST(JoinTableTest, CountsASecondAnswerBeforeTheAcknowledgementAsADuplicate) {
  JoinTable table(4);
  ASSERT_TRUE(table.insert({.key = key(1)}));
  table.arrive(key(1)).request->answer_seen = true;
  EXPECT_EQ(table.arrive(key(1)).arrival, Arrival::duplicate);
  EXPECT_EQ(table.outstanding(), 1U);
}

TEST(JoinTableTest, RefusesWhatItCannotHoldAndKeysItKnows) {
  JoinTable table(2);
  ASSERT_TRUE(table.insert({.key = key(1)}));
  EXPECT_FALSE(table.insert({.key = key(1)}));
  ASSERT_TRUE(table.insert({.key = key(2)}));
  EXPECT_TRUE(table.full());
  EXPECT_FALSE(table.insert({.key = key(3)}));
  table.finish(key(1), true);
  EXPECT_TRUE(table.insert({.key = key(3)}));
  EXPECT_EQ(table.arrive(key(1)).arrival, Arrival::unknown) << "its place was needed";
}

TEST(JoinTableTest, GivesTheOldestFirst) {
  JoinTable table(8);
  for (const std::uint64_t n : {5, 3, 4}) ASSERT_TRUE(table.insert({.key = key(n)}));
  table.finish(key(5), true);
  ASSERT_NE(table.oldest(), nullptr);
  EXPECT_EQ(table.oldest()->key, key(3));
}

// Against a plain map, over many places taken, ended and taken again.
TEST(JoinTableTest, AgreesWithAMapThroughAnyMixOfCalls) {
  constexpr std::size_t kPlaces = 64;
  JoinTable table(kPlaces);
  std::map<std::uint64_t, bool> outstanding;
  Random random(9);
  std::uint64_t next = 0;
  for (int i = 0; i < 200'000; ++i) {
    if (random.chance(0.5)) {
      const bool room = outstanding.size() < kPlaces;
      ASSERT_EQ(table.insert({.key = key(next), .class_index = 3}), room);
      if (room) outstanding[next] = true;
      ++next;
    } else if (!outstanding.empty()) {
      auto at = outstanding.lower_bound(random.below(next + 1));
      if (at == outstanding.end()) at = outstanding.begin();
      const auto found = table.arrive(key(at->first));
      ASSERT_EQ(found.arrival, Arrival::first);
      ASSERT_EQ(found.request->key, key(at->first));
      table.finish(key(at->first), true);
      outstanding.erase(at);
    }
    ASSERT_EQ(table.outstanding(), outstanding.size());
    if (!outstanding.empty()) {
      ASSERT_EQ(table.oldest()->key, key(outstanding.begin()->first));
    }
  }
}

}  // namespace
}  // namespace s1flow::loadgen
