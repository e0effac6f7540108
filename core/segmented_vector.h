#pragma once
// SegmentedVector: a growing array in blocks of fixed size, which come from a BlockStore. Elements
// never move, and growing never holds two copies, so a table of millions of rows takes what its
// rows take. Not thread-safe while it grows.

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/block_store.h"
#include "core/check.h"

namespace s1flow {

template <typename T, std::size_t BlockSize = 16384>
class SegmentedVector {
  static_assert((BlockSize & (BlockSize - 1)) == 0);
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  explicit SegmentedVector(BlockStore& store) : store_(&store) {}

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] T& operator[](std::size_t i) { return blocks_[i / BlockSize][i % BlockSize]; }
  [[nodiscard]] const T& operator[](std::size_t i) const {
    return blocks_[i / BlockSize][i % BlockSize];
  }

  // So that the next `count` elements can be added without fail.
  [[nodiscard]] Status make_room(std::size_t count) {
    while (blocks_.size() * BlockSize < size_ + count) {
      S1FLOW_TRY(std::byte* const block, store_->take(BlockSize * sizeof(T)));
      blocks_.push_back(reinterpret_cast<T*>(block));
    }
    return {};
  }
  T& push_back(const T& value) {
    if (size_ == blocks_.size() * BlockSize) S1FLOW_CHECK(make_room(1).has_value());
    return *::new (static_cast<void*>(&(*this)[size_++])) T(value);
  }
  [[nodiscard]] std::size_t bytes() const { return blocks_.size() * BlockSize * sizeof(T); }

 private:
  BlockStore* store_;
  std::vector<T*> blocks_;
  std::size_t size_ = 0;
};

}  // namespace s1flow
