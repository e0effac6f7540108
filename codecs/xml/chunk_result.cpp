#include "codecs/xml/chunk_parser.h"

namespace s1flow::codecs {

void XmlChunkResult::clear() {
  batch.clear();
  way = XmlWay::engine;
  canonical.clear();
  in_place = {};
  captured.clear();
  shares.clear();
  elements.clear();
  keys_end = std::string_view::npos;
  faults.clear();
}

void XmlChunkResult::end_share(std::int32_t share, const char* end) {
  for (auto s = shares.rbegin(); s != shares.rend(); ++s) {
    if (s->share != static_cast<std::size_t>(share) || !s->bytes.empty()) continue;
    s->bytes = {s->bytes.data(), static_cast<std::size_t>(end - s->bytes.data())};
    return;
  }
}

void XmlChunkResult::end_element(const char* end) {
  std::string_view& bytes = elements.back().bytes;
  bytes = {bytes.data(), static_cast<std::size_t>(end - bytes.data())};
}

}  // namespace s1flow::codecs
