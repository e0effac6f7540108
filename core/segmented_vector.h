#pragma once
// SegmentedVector: a growing array in blocks of fixed size. Elements never move, and growing never
// holds two copies, so a table of millions of rows takes what its rows take. Not thread-safe while
// it grows.

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace s1flow {

template <typename T, std::size_t BlockSize = 16384>
class SegmentedVector {
  static_assert((BlockSize & (BlockSize - 1)) == 0);

 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] T& operator[](std::size_t i) { return blocks_[i / BlockSize][i % BlockSize]; }
  [[nodiscard]] const T& operator[](std::size_t i) const {
    return blocks_[i / BlockSize][i % BlockSize];
  }

  T& push_back(T value) {
    if (size_ == blocks_.size() * BlockSize) blocks_.push_back(std::make_unique<T[]>(BlockSize));
    T& place = (*this)[size_++];
    place = std::move(value);
    return place;
  }
  void clear() {
    blocks_.clear();
    size_ = 0;
  }
  [[nodiscard]] std::size_t bytes() const { return blocks_.size() * BlockSize * sizeof(T); }

 private:
  std::vector<std::unique_ptr<T[]>> blocks_;
  std::size_t size_ = 0;
};

}  // namespace s1flow
