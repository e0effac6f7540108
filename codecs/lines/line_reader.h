#pragma once
// Lines of a text file, one after the other, each up to a limit. Not thread-safe.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/file.h"
#include "core/result.h"

namespace s1flow::codecs {

class LineReader {
 public:
  static constexpr std::size_t kMostBytes = 128UL << 20;
  LineReader(InputFile& file, const std::function<void(std::uint64_t)>& progress)
      : file_(file), progress_(progress) {}

  // False at the end. `line` is without its line feed and holds until the next call; a last line
  // without one counts when it is not empty.
  [[nodiscard]] Result<bool> next(std::string_view& line);
  [[nodiscard]] std::uint64_t number() const { return number_; }  // of the last line, from 1
  [[nodiscard]] std::uint64_t offset() const { return offset_; }  // of its first byte

 private:
  InputFile& file_;
  const std::function<void(std::uint64_t)>& progress_;
  std::string buffer_;
  std::size_t at_ = 0;  // of the next line
  bool at_end_ = false;
  std::uint64_t number_ = 0, offset_ = 0, base_ = 0;
};

}  // namespace s1flow::codecs
