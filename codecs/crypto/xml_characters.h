#pragma once
// Characters and names of XML 1.0 (fifth edition) in UTF-8. Pure functions; thread-safe.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace s1flow::codecs::crypto {

[[nodiscard]] constexpr bool is_xml_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// True for a code point that may stand in a document.
[[nodiscard]] bool is_xml_char(std::uint32_t c);

// Index of the first byte of text that cannot stand in XML: not UTF-8, a control character, U+FFFE
// or U+FFFF; npos when all can.
[[nodiscard]] std::size_t find_non_xml_character(std::string_view text);

// Length of the name without a colon (NCName) at the start of valid UTF-8; 0 when there is none.
[[nodiscard]] std::size_t name_length(std::string_view text);

void append_utf8(std::string& out, std::uint32_t c);

}  // namespace s1flow::codecs::crypto
