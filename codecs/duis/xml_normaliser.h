#pragma once
// XmlNormaliser: any well-formed XML document as its inclusive Canonical XML 1.0 form, by libxml2,
// for the strict readers of this folder. Nothing outside the bytes is ever opened. Refused, since
// no DUIS message has them and each has carried attacks: DOCTYPE, comments, processing
// instructions, CDATA sections, encodings other than UTF-8.
//
// One per worker, reused; not thread-safe.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace s1flow::codecs::duis {

enum class ReadOutcome : std::uint8_t {
  ok,
  too_large,
  not_xml,      // not well-formed, or not UTF-8
  doctype,      // refused before anything else
  not_allowed,  // comment, processing instruction, CDATA section
  not_duis      // well-formed, but no message of the shape
};
[[nodiscard]] std::string_view name_of(ReadOutcome outcome);

class XmlNormaliser {
 public:
  // Never not_duis. On ok the form is in text() until the next call; otherwise why() says in a few
  // words what is wrong.
  [[nodiscard]] ReadOutcome normalise(std::string_view bytes, std::size_t most_bytes);
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::string& why() const { return why_; }

 private:
  ReadOutcome parse(std::string_view bytes);
  std::string text_;
  std::string why_;
};

}  // namespace s1flow::codecs::duis
