#pragma once
// A set of numbers (a Device's EUI-64) that only grows, for telling duplicates while a file streams
// by. Open addressing; a number takes eight bytes in a table that is at most three quarters full,
// and that grows no further than it may. Hashes are salted, since keys are the senders' choice. Not
// thread-safe.

#include <cstdint>

#include "core/zeroed_array.h"
#include "pipeline/unique_keys.h"

namespace s1flow::pipeline {

class SeenNumbers {
 public:
  enum class Answer {
    first,
    again,
    full,  // it is not there, and there is no room for it
  };
  // `most_bytes` for the table, also while it grows; some kilobytes at least.
  explicit SeenNumbers(std::uint64_t most_bytes) : most_bytes_(most_bytes) {}

  Answer insert(std::uint64_t number);
  [[nodiscard]] std::size_t size() const { return used_; }
  // So many are likely to be there in the end: a table that need not grow saves half of its work.
  void make_room(std::uint64_t numbers);
  // Says that it will be inserted soon: the table is larger than any cache.
  void expect(std::uint64_t number) const;

 private:
  // False when the larger table would not fit.
  bool grow(std::size_t size);
  [[nodiscard]] std::size_t place(std::uint64_t number) const;
  std::uint64_t most_bytes_;
  std::uint64_t salt_ = process_salt();
  ZeroedArray<std::uint64_t> slots_{0};  // 0: free
  std::size_t used_ = 0;
  bool zero_ = false;
};

}  // namespace s1flow::pipeline
