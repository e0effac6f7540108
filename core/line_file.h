#pragma once
// LineFile: an output file that is written line by line and appears when it is whole.
// One thread at a time.

#include <string>

#include "core/file.h"
#include "core/result.h"

namespace s1flow {

class LineFile {
 public:
  [[nodiscard]] static Result<LineFile> create(const Path& path) {
    S1FLOW_TRY(OutputFile file, OutputFile::create(path));
    return LineFile(std::move(file));
  }
  // Append the line's text here, then say end_line().
  std::string& line() { return text_; }
  Status end_line() {
    text_.push_back('\n');
    if (text_.size() < kGather) return {};
    Status status = file_.write(text_);
    text_.clear();
    return status;
  }
  Status finish() {
    S1FLOW_TRY_VOID(file_.write(text_));
    return file_.commit();
  }

 private:
  static constexpr std::size_t kGather = 1 << 20;
  explicit LineFile(OutputFile file) : file_(std::move(file)) {}
  OutputFile file_;
  std::string text_;
};

}  // namespace s1flow
