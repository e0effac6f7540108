#pragma once
// The push parser of libxml2 2.9 hands out the raw bytes of a CDATA section, in pieces, while line
// ends are to be normalised there as everywhere (XML 1.0, 2.11): a carriage return with the line
// feed after it, or one alone, is a line feed. One thread.

#include <cstdint>
#include <string>
#include <string_view>

struct _xmlParserInput;  // of libxml2

namespace s1flow::codecs {

class CdataLineEnds {
 public:
  // `text` is what the SAX event cdataBlock gave, `input` the parser's input then. The result lives
  // as long as the piece and until the next call; it may be empty.
  [[nodiscard]] std::string_view normalised(const unsigned char* text, int size,
                                            const _xmlParserInput* input);

 private:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};
  std::string buffer_;
  std::uint64_t return_before_ = kNone;  // where a piece ended with a carriage return
};

}  // namespace s1flow::codecs
