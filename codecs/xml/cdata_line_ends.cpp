#include "codecs/xml/cdata_line_ends.h"

#include <libxml/parser.h>

namespace s1flow::codecs {

std::string_view CdataLineEnds::normalised(const unsigned char* text, int size,
                                           const _xmlParserInput* input) {
  std::string_view piece(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  // What does not lie in the input was made anew by the parser, with its line ends put right.
  if (input == nullptr || text < input->base || text >= input->end) {
    return_before_ = kNone;
    return piece;
  }
  const std::uint64_t at = input->consumed + static_cast<std::uint64_t>(text - input->base);
  const bool after_return = return_before_ == at;
  return_before_ = piece.ends_with('\r') ? at + piece.size() : kNone;
  if (after_return && piece.starts_with('\n')) piece.remove_prefix(1);
  if (piece.find('\r') == std::string_view::npos) return piece;
  buffer_.clear();
  for (std::size_t i = 0; i < piece.size(); ++i) {
    if (piece[i] != '\r') {
      buffer_ += piece[i];
      continue;
    }
    buffer_ += '\n';
    if (i + 1 < piece.size() && piece[i + 1] == '\n') ++i;
  }
  return buffer_;
}

}  // namespace s1flow::codecs
