#include "codecs/lines/line_reader.h"

#include <fmt/format.h>

namespace s1flow::codecs {

Result<bool> LineReader::next(std::string_view& line) {
  constexpr std::size_t kPiece = 256UL * 1024;
  std::size_t from = at_;
  while (true) {
    const std::size_t newline = buffer_.find('\n', from);
    const bool found = newline != std::string::npos;
    if (found || (at_end_ && at_ < buffer_.size())) {
      const std::size_t end = found ? newline : buffer_.size();
      line = std::string_view(buffer_).substr(at_, end - at_);
      offset_ = base_ + at_;
      ++number_;
      at_ = found ? end + 1 : end;
      return true;
    }
    if (at_end_) return false;
    buffer_.erase(0, at_);
    base_ += at_;
    at_ = 0;
    from = buffer_.size();
    if (from > kMostBytes)
      return tl::unexpected(usage_error(fmt::format(
          "{}: line {} has more than {} bytes", file_.path().string(), number_ + 1, kMostBytes)));
    buffer_.resize(from + kPiece);
    S1FLOW_TRY(const std::size_t size, file_.read(buffer_.data() + from, kPiece));
    buffer_.resize(from + size);
    at_end_ = size == 0;
    if (progress_) progress_(base_ + buffer_.size());
  }
}

}  // namespace s1flow::codecs
