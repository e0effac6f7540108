#pragma once
// Small text tools that take no notice of the locale. All functions are pure and thread-safe.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace s1flow {

[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
[[nodiscard]] constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
// The digit's value, or a negative number, so that many can be told by one look at their bits.
inline constexpr std::array<signed char, 256> kHexValues = [] {
  std::array<signed char, 256> values{};
  values.fill(-1);
  for (int i = 0; i < 10; ++i)
    values[static_cast<std::size_t>('0' + i)] = static_cast<signed char>(i);
  for (int i = 10; i < 16; ++i)
    values[static_cast<std::size_t>('A' + i - 10)] =
        values[static_cast<std::size_t>('a' + i - 10)] = static_cast<signed char>(i);
  return values;
}();
[[nodiscard]] constexpr int hex_value(char c) {
  return kHexValues[static_cast<unsigned char>(c)];
}

// As XML counts white space.
[[nodiscard]] constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
// Readers of values come in two forms, here and with the types of core. read… tells whether there
// is a value and puts it into its last argument; parse… is the same as an optional. The second is
// always inline: a processor stalls on a small optional that comes out of a function, since g++
// writes its flag as a byte and hands the word around it over, and files have a value for every
// twenty bytes.

// Up to 16 hex digits as a number; nothing when there is none, or something else among them.
[[nodiscard]] bool read_hex(std::string_view digits, std::uint64_t& value);
[[nodiscard]] inline std::optional<std::uint64_t> parse_hex(std::string_view digits) {
  std::uint64_t value = 0;
  return read_hex(digits, value) ? std::optional(value) : std::nullopt;
}

// Unsigned decimal, digits only, no sign or blanks; nothing on overflow or an empty text.
[[nodiscard]] bool read_decimal(std::string_view text, std::uint64_t& value);
[[nodiscard]] inline std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  std::uint64_t value = 0;
  return read_decimal(text, value) ? std::optional(value) : std::nullopt;
}
// True when text is not empty and holds decimal digits only.
[[nodiscard]] bool all_digits(std::string_view text);

void append_decimal(std::string& out, std::uint64_t value);
// Decimal with leading zeros up to `width` (more digits are kept).
void append_padded(std::string& out, std::uint64_t value, unsigned width);
void append_hex(std::string& out, std::span<const unsigned char> bytes);  // upper case
[[nodiscard]] std::optional<std::string> decode_hex(std::string_view text);

// RFC 4648 base64 with padding. Decoding ignores XML white space and refuses everything else that
// is not canonical (wrong padding, bits set after the end).
void append_base64(std::string& out, std::span<const unsigned char> bytes);
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

[[nodiscard]] std::uint64_t count_lines(std::string_view text);  // line feeds

[[nodiscard]] std::string_view trim(std::string_view text);  // XML white space: blank, tab, CR, LF
[[nodiscard]] std::string to_upper(std::string_view text);   // ASCII only
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);  // ASCII only

// `text` as it may be shown in a message or report: control characters (U+0000 to U+001F, U+007F to
// U+009F) and invalid UTF-8 as \xHH, cut to `limit` bytes of the input with "…" when longer, never
// within a character.
[[nodiscard]] std::string shown(std::string_view text, std::size_t limit = 60);

// Index of the first byte that is not part of well-formed UTF-8 (Unicode table 3-7: no surrogates,
// no overlong forms, at most U+10FFFF), or npos.
[[nodiscard]] std::size_t find_invalid_utf8(std::string_view text);

[[nodiscard]] inline std::span<const unsigned char> as_bytes(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(std::span<const unsigned char> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace s1flow
