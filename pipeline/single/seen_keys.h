#pragma once
// Sets that only grow, for telling duplicates while a file streams by: numbers (a Device's EUI-64),
// and texts (an installation's id). Open addressing; a number takes eight bytes in a table that is
// at most three quarters full, a text twice that and its bytes once. Hashes are salted, since keys
// are the senders' choice. Not thread-safe.

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/arena.h"

namespace s1flow::pipeline {

[[nodiscard]] std::uint64_t fresh_salt();

class SeenNumbers {
 public:
  // True when the number is new.
  bool insert(std::uint64_t number);

 private:
  void grow();
  [[nodiscard]] std::size_t place(std::uint64_t number) const;
  std::uint64_t salt_ = fresh_salt();
  std::vector<std::uint64_t> slots_;  // 0: free
  std::size_t used_ = 0;
  bool zero_ = false;
};

class SeenTexts {
 public:
  // True when the text is new; it is copied.
  bool insert(std::string_view text);

 private:
  struct Slot {
    const char* text = nullptr;  // null: free
    std::uint32_t size = 0;
    std::uint32_t hash = 0;
  };
  void grow();
  std::uint64_t salt_ = fresh_salt();
  std::vector<Slot> slots_;
  std::size_t used_ = 0;
  Arena texts_;
};

}  // namespace s1flow::pipeline
