#include "core/block_store.h"

#include <gtest/gtest.h>

#include "core/segmented_vector.h"
#include "tests/temporary_folder.h"

namespace s1flow {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

TEST(BlockStoreTest, GoesToFilesBeyondItsShareOfTheBudget) {
  const TemporaryFolder folder;
  BlockStore store({.bytes = 6 * kMiB, .folder = folder.path()});
  std::vector<std::byte*> blocks;
  for (int i = 0; i < 6; ++i) {
    auto block = store.take(kMiB);
    ASSERT_TRUE(block) << block.error().message();
    for (std::size_t k = 0; k < kMiB; k += 4096) EXPECT_EQ((*block)[k], std::byte{0});
    blocks.push_back(*block);
  }
  EXPECT_EQ(store.bytes(), 6 * kMiB);
  EXPECT_EQ(store.bytes_in_files(), 4 * kMiB);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "the files have names";
  store.give_back(blocks[5]);
  store.give_back(blocks[0]);
  EXPECT_EQ(store.bytes(), 4 * kMiB);
  EXPECT_EQ(store.bytes_in_files(), 3 * kMiB);
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
