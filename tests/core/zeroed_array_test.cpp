#include "core/zeroed_array.h"

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

namespace s1flow {
namespace {

// From the allocator and from the system.
class ZeroedArrayTest : public testing::TestWithParam<std::size_t> {};

TEST_P(ZeroedArrayTest, BeginsWithZerosAndKeepsWhatIsPutIn) {
  // Memory that others have used before.
  for (const Pages pages : {Pages::when_touched, Pages::at_once, Pages::when_touched}) {
    ZeroedArray<std::uint32_t> array(GetParam(), pages);
    ASSERT_EQ(array.size(), GetParam());
    for (std::size_t i = 0; i < array.size(); ++i) {
      ASSERT_EQ(array[i], 0U) << i;
      array[i] = static_cast<std::uint32_t>(i + 1);
    }
    const ZeroedArray<std::uint32_t> moved(std::move(array));
    for (std::size_t i = 0; i < moved.size(); ++i) ASSERT_EQ(moved[i], i + 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, ZeroedArrayTest,
                         testing::Values(0, 1, 1000, 32767, 32768, 32769, 1'000'000));

TEST(ZeroedArrayTest, SaysWhenThereIsNoMemory) {
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  for (const std::size_t size : {kMost, kMost / 4, kMost / 64})
    EXPECT_THROW(ZeroedArray<std::uint32_t>{size}, std::bad_alloc) << size;
}

}  // namespace
}  // namespace s1flow
