#pragma once
// What there is to know about one XML document before anybody looks at its records: is it well-
// formed, what is its root, what is its canonical digest, how is it signed, for whom is it
// encrypted. One streaming pass over any XML document, with a layout or without.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "codecs/crypto/digest.h"
#include "codecs/crypto/small_xml.h"
#include "codecs/layout/layout.h"
#include "codecs/rules.h"
#include "codecs/xml/c14n.h"
#include "codecs/xml/document_reader.h"
#include "core/file.h"
#include "core/result.h"

namespace s1flow::pipeline {

// An element kept with its bytes, for those who read it on their own.
struct KeptElement {
  std::string bytes;
  std::uint64_t byte = 0;
  std::uint64_t line = 0;
  codecs::crypto::NamespaceContext scope;
};

struct DocumentScan {
  std::vector<codecs::Fault> faults;  // none: the document is well-formed
  codecs::XmlName root;
  std::uint64_t bytes = 0;
  std::uint64_t elements = 0;
  codecs::crypto::Sha256Digest digest{};  // over the inclusive C14N without the root's signature
  std::size_t signatures = 0;
  bool signature_misplaced = false;      // some signature is not the root's last child
  std::optional<KeptElement> signature;  // the first
  std::vector<KeptElement> keys;         // EncryptedKey, at most kMostKeys
  std::uint64_t encrypted_values = 0;

  static constexpr std::size_t kMostKeys = 64;
};

// Follows a document's events into its canonical digest, leaving out the signature that is a child
// of the root.
class CanonicalDigest {
 public:
  CanonicalDigest() { writer_.start(&text_); }
  CanonicalDigest(const CanonicalDigest&) = delete;
  CanonicalDigest& operator=(const CanonicalDigest&) = delete;
  ~CanonicalDigest() = default;

  void start_element(const codecs::XmlStart& e);
  void end_element(const codecs::XmlEnd& e);
  void text(std::string_view t);
  void processing_instruction(std::string_view target, std::string_view data);
  // Inside the root's signature.
  [[nodiscard]] bool skipping() const { return skip_; }
  [[nodiscard]] codecs::crypto::Sha256Digest finish();

 private:
  void flush(std::size_t from);
  codecs::C14nWriter writer_;
  codecs::crypto::Sha256 digest_;
  std::string text_;
  bool skip_ = false;
};

[[nodiscard]] bool is_root_signature(const codecs::XmlStart& e);

// `progress` is told the bytes read.
[[nodiscard]] Result<DocumentScan> scan_document(
    const Path& path, const std::function<void(std::uint64_t)>& progress = {});

// The same of a document in memory.
[[nodiscard]] DocumentScan scan_bytes(std::string_view document);

}  // namespace s1flow::pipeline
