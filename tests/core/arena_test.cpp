#include "core/arena.h"

#include <cstdint>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace s1flow {
namespace {

bool is_aligned(const void* at, std::size_t align) {
  return reinterpret_cast<std::uintptr_t>(at) % align == 0;
}

TEST(ArenaTest, HandsOutMemoryThatDoesNotOverlap) {
  Arena arena;
  std::vector<std::span<unsigned char>> parts;
  for (std::size_t i = 0; i < 1000; ++i) {
    parts.push_back(arena.make_array<unsigned char>(i * 7 % 500));
    for (auto& b : parts.back()) b = static_cast<unsigned char>(i);
  }
  for (std::size_t i = 0; i < parts.size(); ++i)
    for (const auto b : parts[i]) ASSERT_EQ(b, static_cast<unsigned char>(i));
}

TEST(ArenaTest, AlignsEveryType) {
  Arena arena;
  for (int i = 0; i < 100; ++i) {
    (void)arena.allocate(1, 1);
    EXPECT_TRUE(is_aligned(arena.allocate(8, 8), 8));
    (void)arena.allocate(3, 1);
    EXPECT_TRUE(is_aligned(arena.allocate(2), alignof(std::max_align_t)));
    EXPECT_TRUE(is_aligned(arena.make_array<double>(1).data(), alignof(double)));
  }
}

TEST(ArenaTest, MakesArraysOfDefaultValues) {
  struct Row {
    int a = 7;
    std::string_view b = "x";
  };
  Arena arena;
  (void)arena.copy("something that was there before");
  arena.reset();
  const auto rows = arena.make_array<Row>(50);
  ASSERT_EQ(rows.size(), 50U);
  for (const Row& row : rows) {
    EXPECT_EQ(row.a, 7);
    EXPECT_EQ(row.b, "x");
  }
  EXPECT_TRUE(arena.make_array<Row>(0).empty());
}

TEST(ArenaTest, CopiesText) {
  Arena arena;
  std::string text = "from a chunk that goes away";
  const std::string_view copy = arena.copy(text);
  text.assign(text.size(), '-');
  EXPECT_EQ(copy, "from a chunk that goes away");
  EXPECT_EQ(arena.copy(std::string_view()), "");
}

TEST(ArenaTest, TakesRequestsLargerThanABlock) {
  Arena arena;
  const std::string small = "before";
  const std::string_view first = arena.copy(small);
  const std::string large(3 * Arena::kBlock, 'L');
  const std::string_view second = arena.copy(large);
  const std::string_view third = arena.copy("after");
  EXPECT_EQ(first, "before");
  EXPECT_EQ(second, large);
  EXPECT_EQ(third, "after");
}

TEST(ArenaTest, ReservesNothingMoreOnceItHasSeenTheLoad) {
  Arena arena;
  std::size_t after_first = 0;
  for (int chunk = 0; chunk < 20; ++chunk) {
    for (std::size_t i = 0; i < 500; ++i) (void)arena.allocate(i * 13 % 3000);
    (void)arena.allocate(2 * Arena::kBlock);
    if (chunk == 0) after_first = arena.reserved();
    EXPECT_EQ(arena.reserved(), after_first);
    arena.reset();
  }
  EXPECT_GT(after_first, 0U);
}

TEST(ArenaTest, GivesBackTheBlockOfAGiantRecord) {
  Arena arena;
  (void)arena.allocate(100);
  const std::size_t usual = arena.reserved();
  (void)arena.allocate(17 * Arena::kBlock);
  EXPECT_GT(arena.reserved(), 17 * Arena::kBlock);
  arena.reset();
  EXPECT_EQ(arena.reserved(), usual);
}

TEST(ArenaTest, StartsAfreshWhenItsBlocksWereMovedAway) {
  Arena arena;
  const std::string_view text = arena.copy("kept");
  for (int i = 0; i < 3; ++i) (void)arena.allocate(Arena::kBlock);
  Arena other = std::move(arena);
  EXPECT_EQ(text, "kept");
  EXPECT_EQ(arena.reserved(), 0U);  // NOLINT(bugprone-use-after-move): what is tested
  for (int i = 0; i < 100; ++i) (void)arena.copy("new text in one block");
  EXPECT_EQ(arena.reserved(), Arena::kBlock);
  EXPECT_EQ(text, "kept");
  other = std::move(arena);
  EXPECT_EQ(other.reserved(), Arena::kBlock);
  EXPECT_EQ(other.copy("more").size(), 4U);
  EXPECT_EQ(other.reserved(), Arena::kBlock);
}

}  // namespace
}  // namespace s1flow
