#pragma once
// Reads documents by the fast path and by libxml2 alone, chunk by chunk, and compares everything
// that comes out: records to the last number, faults, canonical bytes, captured elements, header
// and trailer, and the records as their own signatures would see them. What the fast path declines
// needs no comparison.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "codecs/layout/layout.h"
#include "codecs/limits.h"
#include "codecs/xml/chunk_parser.h"
#include "codecs/xml/schema.h"

namespace s1flow::codecs {

class TwoPaths {
 public:
  TwoPaths(const std::shared_ptr<const Layout>& layout,
           const std::shared_ptr<const XmlSchema>& schema, const Limits& limits = {});

  struct Counts {
    std::uint64_t documents = 0, chunks = 0, fast = 0, events = 0, records = 0;
    Counts& operator+=(const Counts& other);
  };
  // An empty text, or what differs. After a chunk with a fault the rest is not read, as in the
  // pipeline.
  [[nodiscard]] std::string compare(std::string_view document, std::size_t chunk_bytes);
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  [[nodiscard]] std::string compare_chunk(const Chunk& chunk, std::string_view head);

  std::shared_ptr<const Layout> layout_;
  Limits limits_;
  XmlChunkParser fast_, slow_;
  XmlChunkResult fast_result_, slow_result_;
  Arena fast_arena_, slow_arena_;
  Counts counts_;
  bool refused_ = false;
};

}  // namespace s1flow::codecs
