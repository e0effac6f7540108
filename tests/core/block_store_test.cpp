#include "core/block_store.h"

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "core/segmented_vector.h"
#include "tests/temporary_folder.h"

namespace s1flow {
namespace {

// Mappings of this process that belong to files of the folder.
std::size_t count_of_maps(const std::filesystem::path& folder) {
  std::ifstream maps("/proc/self/maps");
  std::size_t count = 0;
  for (std::string line; std::getline(maps, line);)
    count += line.find(folder.string()) != line.npos ? 1U : 0U;
  return count;
}

constexpr std::size_t kMiB = std::size_t{1} << 20;

TEST(BlockStoreTest, GoesToFilesBeyondItsShareOfTheBudget) {
  const TemporaryFolder folder;
  BlockStore store({.bytes = 6 * kMiB, .folder = folder.path()});  // 4.5 of it for blocks
  std::vector<std::byte*> blocks;
  for (int i = 0; i < 6; ++i) {
    auto block = store.take(kMiB, BlockUse::scattered);
    ASSERT_TRUE(block) << block.error().message();
    for (std::size_t k = 0; k < kMiB; k += 4096) EXPECT_EQ((*block)[k], std::byte{0});
    blocks.push_back(*block);
  }
  EXPECT_EQ(store.bytes(), 6 * kMiB);
  EXPECT_EQ(store.bytes_in_files(), 4 * kMiB);
  EXPECT_FALSE(store.in_file(blocks[1]));
  EXPECT_TRUE(store.in_file(blocks[2]));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "the files have names";
  store.give_back(blocks[5]);
  store.give_back(blocks[0]);
  EXPECT_EQ(store.bytes(), 4 * kMiB);
  EXPECT_EQ(store.bytes_in_files(), 3 * kMiB);
  // Up to seven eighths of what is for blocks.
  std::byte* const kept = store.take_memory(2 * kMiB);
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(store.take_memory(kMiB), nullptr);
  store.give_back(kept);
  EXPECT_NE(store.take_memory(kMiB), nullptr);
}

TEST(BlockStoreTest, PutsBlocksThatAreInOrderIntoFewFiles) {
  const TemporaryFolder folder;
  BlockStore store({.bytes = 4 * kMiB, .folder = folder.path()});
  std::vector<std::byte*> blocks;
  constexpr std::size_t kBytes = 100'001;
  for (int i = 0; i < 300; ++i) {
    auto block = store.take(kBytes);
    ASSERT_TRUE(block) << block.error().message();
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(*block) % 64, 0U);
    std::fill_n(*block, kBytes, static_cast<std::byte>(i));
    blocks.push_back(*block);
    store.relax();
  }
  for (int i = 0; i < 300; ++i)
    for (std::size_t k = 0; k < kBytes; k += kBytes - 1)
      ASSERT_EQ(blocks[static_cast<std::size_t>(i)][k], static_cast<std::byte>(i)) << i;
  EXPECT_LT(store.bytes_in_files(), 300 * kBytes + 33 * kMiB);
  EXPECT_LT(count_of_maps(folder.path()), 10U);
}

TEST(BlockStoreTest, LosesNothingWhenItLetsGoOfPages) {
  const TemporaryFolder folder;
  BlockStore store({.bytes = kMiB, .folder = folder.path()});
  SegmentedVector<std::uint64_t> numbers(store);
  constexpr std::uint64_t kCount = 2'000'000;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    if (i % 10'000 == 0) {
      ASSERT_TRUE(numbers.make_room(10'000));
      store.relax();
    }
    numbers.push_back(i * i);
  }
  EXPECT_GT(store.bytes_in_files(), 14 * kMiB);
  for (std::uint64_t i = 0; i < kCount; ++i) {
    if (i % 100'000 == 0) store.relax();
    ASSERT_EQ(numbers[i], i * i);
  }
}

TEST(BlockStoreTest, SaysWhereThereIsNoRoom) {
  BlockStore store({.bytes = 0, .folder = "/nonexistent/folder"});
  const auto block = store.take(kMiB);
  ASSERT_FALSE(block);
  EXPECT_EQ(block.error().kind(), ErrorKind::io);
  EXPECT_NE(block.error().message().find("/nonexistent/folder"), std::string::npos);
}

}  // namespace
}  // namespace s1flow
