#include "tests/codecs/two_paths.h"

#include <algorithm>

#include <fmt/format.h>

#include "codecs/xml/framer.h"
#include "codecs/xml/record_form.h"
#include "core/text.h"
#include "tests/codecs/reading.h"

namespace s1flow::codecs {
namespace {

std::string text_of(const CapturedElement& c) {
  std::string out = fmt::format(
      "captured {} byte {} line {} record {} depth {} last {} size {}:", static_cast<int>(c.kind),
      c.byte, c.line, c.record, c.depth, c.last_child, c.bytes.size());
  for (const auto& [prefix, uri] : *c.scope) out += fmt::format(" {}={}", prefix, uri);
  return out + "\n";
}

// Every layout becomes one whose records are signed one by one, so that their forms are compared.
std::shared_ptr<const Layout> with_signed_records(const Layout& layout) {
  auto copy = std::make_shared<Layout>(layout);
  copy->record_id_node = copy->record_node;
  for (const std::uint32_t child : copy->nodes[copy->record_node].children)
    if (copy->nodes[child].attribute) copy->record_id_node = child;
  return copy;
}

void append_forms(std::string& out, const Layout& layout, const XmlChunkResult& result) {
  RecordForm form(layout.nodes[layout.record_id_node].name);
  for (std::size_t i = 0; i < result.elements.size() && result.faults.empty(); ++i) {
    const RecordElement& element = result.elements[i];
    std::string_view signature;
    for (const CapturedElement& c : result.captured)
      if (signature.empty() && c.kind == CapturedElement::Kind::signature &&
          c.record == result.batch.records[i].ordinal)
        signature = c.bytes;
    out += fmt::format("element {}", element.bytes);
    for (const auto& [prefix, uri] : *element.scope) out += fmt::format(" {}={}", prefix, uri);
    if (result.way == XmlWay::fast)
      form.read_canonical(element, signature);
    else if (!form.read_any(element, signature))
      out += "\ncannot be read";
    out += fmt::format("\nid {}\nform {}\n", form.id().value_or("none"), form.bytes());
  }
}

std::string text_of(const XmlChunkResult& result, const Record& header, const Record& trailer) {
  std::string out = "header " + whole_text_of(header) + "trailer " + whole_text_of(trailer);
  for (const Record& r : result.batch.records) out += whole_text_of(r);
  for (const Fault& f : result.batch.faults) out += text_of(f) + "\n";
  for (const Fault& f : result.faults) out += "REFUSED " + text_of(f) + "\n";
  for (const CapturedElement& c : result.captured) out += text_of(c);
  for (const ShareElement& s : result.shares) {
    out += fmt::format("share {} of record {}: {}", s.share, s.record, s.bytes);
    for (const auto& [prefix, uri] : *s.scope) out += fmt::format(" {}={}", prefix, uri);
    out += "\n";
  }
  out += fmt::format("keys end {}\n", static_cast<std::ptrdiff_t>(result.keys_end));
  for (const std::string_view piece : result.canonical_form()) out += piece;
  return out;
}

}  // namespace

TwoPaths::Counts& TwoPaths::Counts::operator+=(const Counts& other) {
  documents += other.documents;
  chunks += other.chunks;
  fast += other.fast;
  records += other.records;
  events += other.events;
  return *this;
}

TwoPaths::TwoPaths(const std::shared_ptr<const Layout>& layout,
                   const std::shared_ptr<const XmlSchema>& schema, const Limits& limits)
    : layout_(with_signed_records(*layout)),
      limits_(limits),
      fast_(layout_, schema, limits),
      slow_(layout_, schema, limits) {}

std::string TwoPaths::compare(std::string_view document, std::size_t chunk_bytes) {
  ++counts_.documents;
  refused_ = false;
  XmlFramer framer(layout_->record_path, limits_);
  Chunk chunk;
  std::size_t offset = 0;
  while (true) {
    // As ChunkReader does, on bytes in memory.
    std::size_t size = chunk_bytes;
    Cut cut;
    bool at_end = false;
    while (true) {
      at_end = offset + size >= document.size();
      const auto scanned = framer.scan(document.substr(offset, size), at_end);
      if (!scanned) return {};
      cut = *scanned;
      if (at_end || cut.end != 0) break;
      size *= 2;
    }
    const std::size_t end = at_end ? document.size() - offset : cut.end;
    framer.consumed(end);
    auto buffer = std::make_shared<Buffer>(end);
    buffer->append(document.substr(offset, end));
    chunk.buffer = buffer;
    chunk.bytes = buffer->view();
    chunk.offset = offset;
    chunk.records = cut.records;
    chunk.last = at_end;
    std::string difference = compare_chunk(chunk, *framer.head());
    if (!difference.empty()) return difference;
    if (at_end || refused_) return {};
    offset += end;
    chunk.first_line +=
        static_cast<std::uint64_t>(std::count(chunk.bytes.begin(), chunk.bytes.end(), '\n'));
    chunk.first_record += cut.records;
    ++chunk.ordinal;
  }
}

std::string TwoPaths::compare_chunk(const Chunk& chunk, std::string_view head) {
  ++counts_.chunks;
  counts_.records += chunk.records;
  fast_arena_.reset();
  Record header(layout_->type->header, fast_arena_), trailer(layout_->type->trailer, fast_arena_);
  fast_.parse(chunk, head, {}, fast_arena_, &header, &trailer, fast_result_);
  if (fast_result_.way == XmlWay::engine) {
    refused_ = !fast_result_.faults.empty();
    return {};
  }
  ++(fast_result_.way == XmlWay::fast ? counts_.fast : counts_.events);
  slow_arena_.reset();
  Record slow_header(layout_->type->header, slow_arena_),
      slow_trailer(layout_->type->trailer, slow_arena_);
  slow_.parse(chunk, head, {.first = XmlWay::engine}, slow_arena_, &slow_header, &slow_trailer,
              slow_result_);
  std::string fast_text = text_of(fast_result_, header, trailer);
  std::string slow_text = text_of(slow_result_, slow_header, slow_trailer);
  append_forms(fast_text, *layout_, fast_result_);
  append_forms(slow_text, *layout_, slow_result_);
  if (fast_text == slow_text) return {};
  const auto at = static_cast<std::size_t>(
      std::mismatch(fast_text.begin(), fast_text.end(), slow_text.begin(), slow_text.end()).first -
      fast_text.begin());
  const std::size_t from = at > 200 ? at - 200 : 0;
  return fmt::format("chunk {} of layout {}:\n{}\n---- by the tables:\n{}\n---- libxml2:\n{}\n",
                     chunk.ordinal, layout_->name(), chunk.bytes, fast_text.substr(from, 600),
                     slow_text.substr(from, 600));
}

}  // namespace s1flow::codecs
