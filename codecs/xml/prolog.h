#pragma once
// XmlProlog: looks at what stands before the root element, ahead of any parser: byte order marks,
// the encoding that the XML declaration names, and a DOCTYPE. It knows comments and processing
// instructions, and leaves their well-formedness to the parser. Not thread-safe.

#include <cstdint>
#include <optional>
#include <string_view>

#include "codecs/rules.h"

namespace s1flow::codecs {

// Where two parts of an XML declaration touch without white space between them: libxml2 2.9 lets
// encoding="UTF-8"standalone="yes" pass. npos: nowhere.
[[nodiscard]] std::size_t missing_blank(std::string_view declaration);

class XmlProlog {
 public:
  struct Verdict {
    bool need_more = false;
    std::optional<Fault> fault;
  };
  // `window` begins at the offset `base` of the document and only grows until the prolog is done;
  // `at_end`: nothing will follow.
  [[nodiscard]] Verdict scan(std::string_view window, std::uint64_t base, bool at_end);
  [[nodiscard]] bool done() const { return done_; }

 private:
  [[nodiscard]] Verdict declaration(std::string_view window, bool at_end);

  std::uint64_t at_ = 0;  // scanned up to here
  bool declaration_done_ = false;
  bool done_ = false;  // the root element begins, or something that only a parser can judge
};

}  // namespace s1flow::codecs
