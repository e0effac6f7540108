#include "pipeline/exchange/surgeon.h"

#include "codecs/files/exchange.h"
#include "codecs/xml/framer.h"

namespace s1flow::pipeline {

Result<Surgeon> Surgeon::open(const Path& path, std::shared_ptr<const codecs::Layout> layout) {
  S1FLOW_TRY(const std::string bytes, read_text(path, kMostBytes));
  Surgeon s;
  s.layout_ = layout;
  S1FLOW_TRY(s.encoder_, codecs::make_encoder(layout));
  codecs::Limits limits;
  limits.record_bytes = limits.head_bytes = kMostBytes;
  codecs::XmlFramer framer(layout->record_path, limits);
  auto cut = framer.scan(bytes, true);
  if (!cut)
    return tl::unexpected(internal_error(
        path.string() + ": cannot be taken apart: " + std::string(cut.error().rule->title)));
  codecs::Chunk chunk;
  chunk.bytes = bytes;
  chunk.last = true;
  Arena arena;
  codecs::Record header(layout->type->header, arena);
  codecs::XmlChunkResult result;
  codecs::XmlChunkParser parser(layout, nullptr, limits);
  parser.parse(chunk, {}, {.decode = true, .canonical = false, .validate = false}, arena, &header,
               nullptr, result);
  if (!result.faults.empty())
    return tl::unexpected(
        internal_error(path.string() + ": cannot be taken apart: " + result.faults.front().note));
  s.header = ExchangeHeader::from(header);
  for (const codecs::CapturedElement& c : result.captured) {
    if (c.kind == codecs::CapturedElement::Kind::encrypted_key) s.keys += c.bytes;
    if (c.kind == codecs::CapturedElement::Kind::signature) s.signature = c.bytes;
  }
  // Our writer puts each record on a line of its own.
  for (const codecs::Record& r : result.batch.records) {
    const std::size_t begin = static_cast<std::size_t>(r.byte);
    s.records.push_back(bytes.substr(begin, bytes.find('\n', begin) - begin));
  }
  s.recount();
  return s;
}

void Surgeon::recount() {
  trailer_count = records.size();
  if (header.record_count) header.record_count = records.size();
}

std::size_t Surgeon::find(std::string_view id) const {
  for (std::size_t i = 0; i < records.size(); ++i) {
    Arena arena;
    codecs::XmlChunkResult result;
    if (records[i].find(id) == std::string::npos || !decode(i, arena, result)) continue;
    if (result.batch.records.front()[0].text == id) return i;
  }
  return codecs::npos;
}

Status Surgeon::decode(std::size_t index, Arena& arena, codecs::XmlChunkResult& result) const {
  Arena scratch;
  codecs::Record head(layout_->type->header, scratch);
  header.fill(head);
  std::string text;
  encoder_->begin(head, keys, text);
  text.pop_back();  // the line feed after the last tag of the head
  Buffer* buffer = nullptr;
  auto owned = std::make_shared<Buffer>();
  buffer = owned.get();
  buffer->append("\n" + records[index]);
  codecs::Chunk chunk;
  chunk.buffer = owned;
  chunk.bytes = buffer->view();
  chunk.ordinal = 1;
  codecs::XmlChunkParser parser(layout_, nullptr, {});
  parser.parse(chunk, text, {.decode = true, .canonical = false, .validate = false}, arena, nullptr,
               nullptr, result);
  if (!result.faults.empty() || result.batch.records.size() != 1)
    return tl::unexpected(internal_error("a record cannot be taken apart"));
  return {};
}

void Surgeon::encode(std::size_t index, const codecs::Record& record) {
  const codecs::Record* one = &record;
  std::string text;
  encoder_->encode({&one, 1}, nullptr, text);
  text.pop_back();
  records[index] = std::move(text);
}

std::string Surgeon::body(std::string_view signature_text) const {
  Arena arena;
  codecs::Record head(layout_->type->header, arena);
  header.fill(head);
  std::string out;
  encoder_->begin(head, keys, out);
  for (const std::string& r : records) (out += r) += '\n';
  codecs::Record trailer(layout_->type->trailer, arena);
  if (!layout_->type->trailer.fields.empty())
    codecs::set_number(trailer[codecs::exchange::trailer_record_count], trailer_count);
  encoder_->end(trailer, out);
  out += signature_text;
  encoder_->close(out);
  return out;
}

std::string Surgeon::assemble() const {
  return body(signature);
}

Status Surgeon::sign(codecs::crypto::SignatureMaker& maker) {
  // Through the parser, since what was put in need not be in canonical form.
  auto buffer = std::make_shared<Buffer>();
  buffer->append(body({}));
  codecs::Limits limits;
  limits.field_bytes = limits.record_bytes = kMostBytes;
  limits.depth = 1000;
  codecs::Chunk chunk;
  chunk.buffer = buffer;
  chunk.bytes = buffer->view();
  chunk.last = true;
  Arena arena;
  codecs::XmlChunkResult result;
  codecs::XmlChunkParser parser(layout_, nullptr, limits);
  parser.parse(chunk, {}, {.decode = false, .canonical = true, .validate = false}, arena, nullptr,
               nullptr, result);
  if (!result.faults.empty())
    return tl::unexpected(
        internal_error("a changed file cannot be signed: " + result.faults.front().note));
  codecs::crypto::Sha256 digest;
  digest.update(std::string_view(result.canonical));
  signature.clear();
  return maker.append_signature(signature, digest.finish());
}

}  // namespace s1flow::pipeline
