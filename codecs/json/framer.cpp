#include "codecs/json/framer.h"

#include "core/text.h"

namespace s1flow::codecs {

tl::expected<Cut, Fault> LineFramer::scan(std::string_view window, bool at_end) {
  const std::string_view fresh = window.substr(at_);
  const std::size_t last = fresh.rfind('\n');
  if (last != std::string_view::npos) {
    cut_.records += count_lines(fresh);
    cut_.end = at_ + last + 1;
  }
  at_ = window.size();
  if (at_end && cut_.end < window.size()) {
    cut_.end = window.size();
    ++cut_.records;
  }
  return cut_;
}

void LineFramer::consumed(std::size_t bytes) {
  at_ -= bytes;
  cut_ = {};
}

}  // namespace s1flow::codecs
