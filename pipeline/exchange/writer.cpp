#include "pipeline/exchange/writer.h"

#include "codecs/files/exchange.h"

namespace s1flow::pipeline {

Result<ExchangeWriter> ExchangeWriter::create(const Path& path,
                                              std::shared_ptr<const codecs::Layout> layout,
                                              const ExchangeHeader& header, std::string_view keys,
                                              std::optional<codecs::crypto::SignatureMaker> maker,
                                              Overwrite overwrite) {
  S1FLOW_TRY(std::unique_ptr<codecs::Encoder> encoder, codecs::make_encoder(layout));
  S1FLOW_TRY(OutputFile file, OutputFile::create(path, overwrite));
  ExchangeWriter writer(std::move(encoder));
  writer.file_ = std::move(file);
  writer.layout_ = std::move(layout);
  writer.maker_ = std::move(maker);
  Arena arena;
  codecs::Record record(writer.layout_->type->header, arena);
  header.fill(record);
  std::string head;
  writer.encoder_->begin(record, keys, head);
  // The XML declaration has no canonical form; everything from the root's start tag on has.
  const std::size_t root = head.starts_with("<?xml") ? head.find("?>\n") + 3 : 0;
  S1FLOW_TRY_VOID(writer.put(std::string_view(head).substr(0, root), false));
  S1FLOW_TRY_VOID(writer.put(std::string_view(head).substr(root), true));
  return writer;
}

Result<ExchangeWriter> ExchangeWriter::idle(std::shared_ptr<const codecs::Layout> layout) {
  S1FLOW_TRY(std::unique_ptr<codecs::Encoder> encoder, codecs::make_encoder(layout));
  ExchangeWriter writer(std::move(encoder));
  writer.layout_ = std::move(layout);
  return writer;
}

Status ExchangeWriter::put(std::string_view bytes, bool is_signed) {
  if (is_signed && maker_) signed_digest_.update(bytes);
  file_digest_.update(bytes);
  return file_->write(bytes);
}

Status ExchangeWriter::append(std::string_view encoded, std::uint64_t records) {
  records_ += records;
  if (!file_) return {};
  return put(encoded, true);
}

Result<WrittenFile> ExchangeWriter::finish() {
  Arena arena;
  codecs::Record trailer(layout_->type->trailer, arena);
  if (!layout_->type->trailer.fields.empty())
    codecs::set_number(trailer[codecs::exchange::trailer_record_count], records_);
  std::string tail;
  encoder_->end(trailer, tail);
  S1FLOW_TRY_VOID(put(tail, true));
  std::string close;
  encoder_->close(close);
  if (maker_) {
    // The root's end tag is signed, the line feed after it is outside of the document element.
    signed_digest_.update(std::string_view(close).substr(0, close.rfind('>') + 1));
    std::string signature;
    S1FLOW_TRY_VOID(maker_->append_signature(signature, signed_digest_.finish()));
    S1FLOW_TRY_VOID(put(signature, false));
  }
  S1FLOW_TRY_VOID(put(close, false));
  WrittenFile written;
  written.path = file_->target();
  written.records = records_;
  written.bytes = file_->written();
  written.sha256 = file_digest_.finish();
  S1FLOW_TRY_VOID(file_->commit());
  return written;
}

}  // namespace s1flow::pipeline
