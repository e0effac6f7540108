#pragma once
// FindingLog: what a run has found, by file, until it is written down. Findings lie in blocks of a
// BlockStore, so that a week full of faults stays within its budget of memory.
//
// One thread at a time.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/block_store.h"
#include "core/finding.h"
#include "core/result.h"

namespace s1flow::pipeline {

class FindingLog {
 public:
  // The store has to outlive it.
  explicit FindingLog(BlockStore& store) : store_(&store) {}

  // Of any files. Fails when the store has no room.
  [[nodiscard]] Status add(const std::vector<Finding>& found);

  // The files that something was found in, in byte order.
  [[nodiscard]] std::vector<std::string_view> files() const;
  // Those of one file, as they were added.
  [[nodiscard]] std::vector<Finding> of(std::string_view file) const;
  [[nodiscard]] std::uint64_t count(Severity severity) const {
    return counts_[static_cast<std::size_t>(severity)];
  }

 private:
  // Findings of one file that stand one after another.
  struct Piece {
    const std::byte* at = nullptr;
    std::size_t count = 0;
  };
  // Space for so many bytes; true when it follows what was taken before.
  [[nodiscard]] Result<bool> reach(std::size_t bytes);

  BlockStore* store_;
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
  std::map<std::string, std::vector<Piece>, std::less<>> pieces_;
  std::array<std::uint64_t, kSeverityNames.size()> counts_{};
};

}  // namespace s1flow::pipeline
