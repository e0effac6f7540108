#pragma once
// The canonical form of a document that XmlDocumentReader reads in pieces: what signing, verifying
// and every other work on single documents rests on.

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "codecs/xml/c14n.h"
#include "codecs/xml/document_reader.h"

namespace s1flow::codecs {

class CanonicalFollower final : public XmlDocumentHandler {
 public:
  CanonicalFollower() { writer_.start(&canonical); }
  void start_element(const XmlStart& e) override {
    writer_.start_element(e.prefix, e.local, e.declared, e.attributes);
  }
  void end_element(const XmlEnd& e) override { writer_.end_element(e.prefix, e.local); }
  void text(std::string_view t) override { writer_.text(t); }
  void processing_instruction(std::string_view target, std::string_view data) override {
    writer_.processing_instruction(target, data);
  }
  std::string canonical;

 private:
  C14nWriter writer_;
};

// Nothing when the document is refused.
inline std::optional<std::string> streamed_canonical(std::string_view document, std::size_t piece) {
  CanonicalFollower follower;
  XmlDocumentReader reader(follower);
  for (std::size_t at = 0; at < document.size(); at += piece)
    if (!reader.feed(document.substr(at, piece))) break;
  if (!reader.finish()) return std::nullopt;
  return std::move(follower.canonical);
}

}  // namespace s1flow::codecs
