#include "pipeline/single/document_scan.h"

#include "codecs/xml/chunk_parser.h"

namespace s1flow::pipeline {
namespace {

using codecs::XmlEnd;
using codecs::XmlStart;

constexpr std::uint64_t kNowhere = static_cast<std::uint64_t>(-1);
// Security elements are small; what is larger cannot be one, and is not kept.
constexpr std::uint64_t kMostKept = 1 << 20;
constexpr std::size_t kGather = 64UL * 1024;

bool is(const XmlStart& e, std::string_view ns, std::string_view local) {
  return e.ns == ns && e.local == local;
}

class Scanner final : public codecs::XmlDocumentHandler {
 public:
  explicit Scanner(DocumentScan& scan) : scan_(scan) {}
  void attach(codecs::XmlDocumentReader& reader) { reader_ = &reader; }

  void start_element(const XmlStart& e) override {
    if (e.depth == 0) scan_.root = {.local = std::string(e.local), .ns = std::string(e.ns)};
    ++scan_.elements;
    if (e.depth == 1 && signature_ended_) scan_.signature_misplaced = true;
    if (kept_depth_ == 0) notice(e);
    canonical_.start_element(e);
  }
  void end_element(const XmlEnd& e) override {
    canonical_.end_element(e);
    if (kept_depth_ == 0 || e.depth + 1 != kept_depth_) return;
    kept_depth_ = 0;
    if (signature_) signature_ended_ = signature_ended_ || e.depth == 1;
    reader_->keep_from(kNowhere);
    if (target_ == nullptr || e.end - target_->byte > kMostKept) return;
    target_->bytes = reader_->bytes(target_->byte, e.end);
  }
  void text(std::string_view t) override {
    canonical_.text(t);
    // It is too large to be one: its bytes need not be kept.
    if (target_ == nullptr || kept_depth_ == 0 || reader_->position() <= target_->byte + kMostKept)
      return;
    target_ = nullptr;
    reader_->keep_from(kNowhere);
  }
  void processing_instruction(std::string_view target, std::string_view data) override {
    canonical_.processing_instruction(target, data);
  }
  void finish() { scan_.digest = canonical_.finish(); }

 private:
  void notice(const XmlStart& e) {
    signature_ = is(e, codecs::kDsNamespace, "Signature");
    const bool key = is(e, codecs::kXencNamespace, "EncryptedKey");
    const bool data = is(e, codecs::kXencNamespace, "EncryptedData");
    if (!signature_ && !key && !data) return;
    kept_depth_ = e.depth + 1;
    target_ = nullptr;
    if (data) ++scan_.encrypted_values;
    if (signature_) {
      if (e.depth != 1) scan_.signature_misplaced = true;
      if (++scan_.signatures == 1) target_ = &scan_.signature.emplace();
    } else if (key && scan_.keys.size() < DocumentScan::kMostKeys) {
      target_ = &scan_.keys.emplace_back();
    }
    if (target_ == nullptr) return;
    target_->byte = e.byte;
    target_->line = e.line;
    target_->scope = reader_->scope();
    reader_->keep_from(e.byte);
  }

  DocumentScan& scan_;
  codecs::XmlDocumentReader* reader_ = nullptr;
  CanonicalDigest canonical_;
  KeptElement* target_ = nullptr;
  std::size_t kept_depth_ = 0;  // depth of the security element at hand, from 1; 0: none
  bool signature_ = false;      // it is one
  bool signature_ended_ = false;
};

}  // namespace

bool is_root_signature(const XmlStart& e) {
  return e.depth == 1 && is(e, codecs::kDsNamespace, "Signature");
}

void CanonicalDigest::start_element(const XmlStart& e) {
  if (is_root_signature(e)) skip_ = true;
  if (!skip_) writer_.start_element(e.prefix, e.local, e.declared, e.attributes);
}
void CanonicalDigest::end_element(const XmlEnd& e) {
  if (!skip_) writer_.end_element(e.prefix, e.local);
  if (e.depth == 1) skip_ = false;
  flush(kGather);
}
void CanonicalDigest::text(std::string_view t) {
  if (!skip_) writer_.text(t);
  flush(kGather);
}
void CanonicalDigest::processing_instruction(std::string_view target, std::string_view data) {
  if (!skip_) writer_.processing_instruction(target, data);
}
void CanonicalDigest::flush(std::size_t from) {
  if (text_.size() < from) return;
  digest_.update(std::string_view(text_));
  text_.clear();
}
codecs::crypto::Sha256Digest CanonicalDigest::finish() {
  flush(0);
  return digest_.finish();
}

DocumentScan scan_bytes(std::string_view document) {
  DocumentScan scan;
  Scanner scanner(scan);
  codecs::XmlDocumentReader reader(scanner);
  scanner.attach(reader);
  reader.feed(document);
  reader.finish();
  scanner.finish();
  scan.bytes = reader.bytes_fed();
  scan.faults = reader.faults();
  return scan;
}

Result<DocumentScan> scan_document(const Path& path,
                                   const std::function<void(std::uint64_t)>& progress) {
  S1FLOW_TRY(InputFile file, InputFile::open(path));
  DocumentScan scan;
  Scanner scanner(scan);
  codecs::XmlDocumentReader reader(scanner);
  scanner.attach(reader);
  S1FLOW_TRY_VOID(codecs::read_document(file, reader, progress));
  scanner.finish();
  scan.bytes = reader.bytes_fed();
  scan.faults = reader.faults();
  return scan;
}

}  // namespace s1flow::pipeline
