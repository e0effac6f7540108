#include "pipeline/single/xml_rewriter.h"

namespace s1flow::pipeline {
namespace {

// A text goes out in pieces; what is held back is a security element or a share, all of which the
// format keeps below 16 MiB.
constexpr std::uint64_t kPiece = 1UL << 20;
constexpr std::uint64_t kMostHeld = 24UL << 20;

}  // namespace

Result<std::vector<codecs::Fault>> XmlRewriter::run(
    const Path& path, const ByteSink& sink, const std::function<void(std::uint64_t)>& progress) {
  S1FLOW_TRY(InputFile file, InputFile::open(path));
  codecs::XmlDocumentReader reader(*this);
  Witness witness;
  codecs::XmlDocumentReader judge(witness);
  reader_ = &reader;
  judge_ = &judge;
  sink_ = &sink;
  reader.keep_from(0);
  S1FLOW_TRY_VOID(codecs::read_document(file, reader, progress));
  if (!error_ && faults_.empty()) {
    faults_ = reader.faults();
    if (faults_.empty()) on_finish();
  }
  if (!error_ && faults_.empty()) {
    copy_to(reader.bytes_fed());
    judge.finish();
    faults_ = judge.faults();
    if (!faults_.empty()) faults_.front().note += " (in the result)";
  }
  if (error_) return tl::unexpected(std::move(*error_));
  return std::move(faults_);
}

void XmlRewriter::start_element(const codecs::XmlStart& e) {
  if (!holding_) copy_to(e.byte);
  on_start(e);
}

void XmlRewriter::end_element(const codecs::XmlEnd& e) {
  on_end(e);
  if (!holding_) copy_to(e.end);
}

void XmlRewriter::text(std::string_view text) {
  on_text(text);
  const std::uint64_t at = reader_->position();
  if (holding_ && at > copied_ + kMostHeld) {
    codecs::Fault f;
    f.rule = &codecs::kXmlLimit;
    f.byte = copied_;
    f.note = "a security element or a share of more than 24 MiB";
    refuse(std::move(f));
  } else if (!holding_ && at > copied_ + kPiece) {
    copy_to(at);
  }
}

void XmlRewriter::hold(std::uint64_t offset) {
  copy_to(offset);
  holding_ = true;
}

std::string_view XmlRewriter::held(std::uint64_t end) const {
  return reader_->bytes(copied_, end);
}

void XmlRewriter::copy_to(std::uint64_t end) {
  if (end <= copied_) return;
  insert(reader_->bytes(copied_, end));
  skip_to(end);
}

void XmlRewriter::skip_to(std::uint64_t end) {
  copied_ = end;
  holding_ = false;
  reader_->keep_from(end);
}

void XmlRewriter::insert(std::string_view text) {
  if (error_ || !faults_.empty()) return;
  judge_->feed(text);
  if (Status written = (*sink_)(text); !written) fail(std::move(written).error());
}

void XmlRewriter::insert_before_end(const codecs::XmlEnd& e, std::string_view text) {
  const std::string_view tail = held(e.end);
  if (tail.ends_with("/>")) {
    std::string opened(tail.substr(0, tail.size() - 2));
    opened += '>';
    opened += text;
    opened += "</";
    if (!e.prefix.empty()) opened.append(e.prefix).push_back(':');
    opened.append(e.local).push_back('>');
    insert(opened);
    skip_to(e.end);
    return;
  }
  const std::size_t tag = tail.rfind('<');
  copy_to(e.end - (tail.size() - tag));
  insert(text);
  copy_to(e.end);
}

void XmlRewriter::fail(Error error) {
  if (!error_) error_ = std::move(error);
  reader_->stop();
}

void XmlRewriter::refuse(codecs::Fault fault) {
  faults_.push_back(std::move(fault));
  reader_->stop();
}

}  // namespace s1flow::pipeline
