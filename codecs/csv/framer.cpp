#include "codecs/csv/framer.h"

#include <cstring>

namespace s1flow::codecs {

tl::expected<Cut, Fault> CsvFramer::scan(std::string_view window, bool at_end) {
  while (at_ < window.size()) {
    const std::string_view rest = window.substr(at_);
    if (in_quotes_) {
      const std::size_t quote = rest.find('"');
      if (quote == std::string_view::npos) {
        at_ = window.size();
        break;
      }
      // A doubled quote leaves and enters again: the state after it is the same.
      in_quotes_ = false;
      at_ += quote + 1;
      continue;
    }
    const void* newline = std::memchr(rest.data(), '\n', rest.size());
    const std::size_t end =
        newline == nullptr
            ? rest.size()
            : static_cast<std::size_t>(static_cast<const char*>(newline) - rest.data());
    const void* quote = std::memchr(rest.data(), '"', end);
    if (quote != nullptr) {
      in_quotes_ = true;
      at_ += static_cast<std::size_t>(static_cast<const char*>(quote) - rest.data()) + 1;
      continue;
    }
    at_ += end;
    if (newline == nullptr) break;
    ++at_;
    end_row();
  }
  if (at_end && row_end_ < window.size()) end_row();  // a last row without a line end
  return cut_;
}

void CsvFramer::end_row() {
  row_end_ = at_;
  if (header_pending_) {
    header_pending_ = false;  // alone it makes no chunk
    return;
  }
  cut_.end = at_;
  ++cut_.records;
}

void CsvFramer::consumed(std::size_t bytes) {
  at_ -= bytes;
  row_end_ = row_end_ > bytes ? row_end_ - bytes : 0;
  cut_ = {};
}

}  // namespace s1flow::codecs
