#pragma once
// A pipeline source of table rows instead of file chunks: for files that are made from what is
// known rather than from another file.

#include <algorithm>
#include <span>

#include "pipeline/runner.h"

namespace s1flow::pipeline {

class RowSource final : public Source {
 public:
  static constexpr std::size_t kRowsPerChunk = 32;
  explicit RowSource(std::span<const std::uint32_t> rows) : rows_(rows) {}

  Result<bool> next(Work& work) override {
    if (at_ == rows_.size()) return false;
    const std::size_t count = std::min(kRowsPerChunk, rows_.size() - at_);
    work.chunk.first_record = at_;
    work.chunk.records = count;
    work.chunk.ordinal = ordinal_++;
    at_ += count;
    return true;
  }
  // The rows of a chunk that this source gave out.
  [[nodiscard]] std::span<const std::uint32_t> rows_of(const Work& work) const {
    return rows_.subspan(static_cast<std::size_t>(work.chunk.first_record),
                         static_cast<std::size_t>(work.chunk.records));
  }

 private:
  std::span<const std::uint32_t> rows_;
  std::size_t at_ = 0;
  std::uint64_t ordinal_ = 0;
};

}  // namespace s1flow::pipeline
