#include "core/buffer.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace s1flow {
namespace {

bool padding_is_zero(const Buffer& buffer) {
  const char* end = buffer.data() + buffer.size();
  return std::all_of(end, end + Buffer::kPadding, [](char c) { return c == 0; });
}

TEST(BufferTest, KeepsZeroedPaddingBehindItsBytesHoweverTheyChange) {
  Buffer buffer(100);
  EXPECT_TRUE(padding_is_zero(buffer));
  buffer.append(std::string(100, 'x'));
  EXPECT_TRUE(padding_is_zero(buffer));
  buffer.set_size(10);
  EXPECT_TRUE(padding_is_zero(buffer));
  buffer.append("y");
  EXPECT_EQ(buffer.view(), "xxxxxxxxxxy");
  EXPECT_TRUE(padding_is_zero(buffer));
  buffer.append(std::string(1000, 'z'));
  EXPECT_TRUE(padding_is_zero(buffer));
  buffer.clear();
  EXPECT_TRUE(buffer.view().empty());
  EXPECT_TRUE(padding_is_zero(buffer));
}

TEST(BufferTest, HasPaddingOnceItIsClearedEvenWhenItNeverHeldAnything) {
  Buffer buffer;
  EXPECT_EQ(buffer.size(), 0U);
  EXPECT_TRUE(buffer.view().empty());
  buffer.clear();
  ASSERT_NE(buffer.data(), nullptr);
  EXPECT_TRUE(padding_is_zero(buffer));
}

TEST(BufferTest, KeepsItsContentsWhenItGrows) {
  Buffer buffer;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string part(static_cast<std::size_t>(i % 17), static_cast<char>('a' + i % 26));
    buffer.append(part);
    expected += part;
    ASSERT_LE(buffer.size(), buffer.capacity());
  }
  EXPECT_EQ(buffer.view(), expected);
  buffer.reserve(buffer.capacity() + 1);
  EXPECT_EQ(buffer.view(), expected);
}

TEST(BufferTest, NeverShrinks) {
  Buffer buffer(1000);
  const char* at = buffer.data();
  buffer.reserve(10);
  buffer.append("abc");
  buffer.clear();
  EXPECT_EQ(buffer.capacity(), 1000U);
  EXPECT_EQ(buffer.data(), at);
}

TEST(BufferTest, TakesBytesThatWereWrittenInPlace) {
  Buffer buffer(8);
  std::copy_n("written", 7, buffer.data());
  buffer.set_size(7);
  EXPECT_EQ(buffer.view(), "written");
}

TEST(BufferTest, CanBeUsedAgainAfterItsBytesWereMovedAway) {
  Buffer first;
  first.append("kept by the second");
  Buffer second = std::move(first);
  EXPECT_EQ(second.view(), "kept by the second");
  EXPECT_EQ(first.size(), 0U);  // NOLINT(bugprone-use-after-move): what is tested
  EXPECT_TRUE(first.view().empty());
  first.append("new");
  EXPECT_EQ(first.view(), "new");
  EXPECT_TRUE(padding_is_zero(first));
  first = std::move(second);
  EXPECT_EQ(first.view(), "kept by the second");
  second.set_size(0);  // NOLINT(bugprone-use-after-move): what is tested
  EXPECT_TRUE(padding_is_zero(second));
}

TEST(BufferDeathTest, StopsTheProgramWhenTheSizeIsBeyondTheCapacity) {
  Buffer buffer(8);
  EXPECT_DEATH(buffer.set_size(9), "internal error: size <= capacity_ does not hold");
}

}  // namespace
}  // namespace s1flow
