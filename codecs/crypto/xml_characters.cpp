#include "codecs/crypto/xml_characters.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

struct Range {
  std::uint32_t first, last;
};
// NameStartChar of XML 1.0 (fifth edition) beyond ASCII; the colon is not part of names here.
constexpr std::array<Range, 12> kNameStart{{{0xC0, 0xD6},
                                            {0xD8, 0xF6},
                                            {0xF8, 0x2FF},
                                            {0x370, 0x37D},
                                            {0x37F, 0x1FFF},
                                            {0x200C, 0x200D},
                                            {0x2070, 0x218F},
                                            {0x2C00, 0x2FEF},
                                            {0x3001, 0xD7FF},
                                            {0xF900, 0xFDCF},
                                            {0xFDF0, 0xFFFD},
                                            {0x10000, 0xEFFFF}}};
// What NameChar adds.
constexpr std::array<Range, 3> kNameMore{{{0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}}};

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, std::uint32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](Range r) { return c >= r.first && c <= r.last; });
}

// The character at `i` of valid UTF-8, and its length.
std::uint32_t decode_utf8(std::string_view text, std::size_t i, std::size_t& length) {
  const auto byte = [&](std::size_t k) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i + k]));
  };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) {
    length = 1;
    return lead;
  }
  length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  std::uint32_t c = lead & (0x7FU >> length);
  for (std::size_t k = 1; k < length; ++k) c = c << 6 | (byte(k) & 0x3F);
  return c;
}

bool is_name_char(std::uint32_t c, bool first) {
  if (c < 0x80) {
    const auto lower = static_cast<char>(c | 0x20);
    if ((lower >= 'a' && lower <= 'z') || c == '_') return true;
    return !first && (is_digit(static_cast<char>(c)) || c == '-' || c == '.');
  }
  return is_in(kNameStart, c) || (!first && is_in(kNameMore, c));
}

// Index of the first byte from `i` on that is not in 20 … 7F; eight at a time.
std::size_t skip_plain_ascii(std::string_view text, std::size_t i) {
  constexpr std::uint64_t kHigh = 0x8080808080808080ULL;
  constexpr std::uint64_t kBlanks = 0x2020202020202020ULL;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, sizeof word);
    // The subtraction borrows out of a byte only when that byte is below 20, or follows such a one.
    if ((word & kHigh) != 0 || ((word - kBlanks) & kHigh) != 0) break;
  }
  while (i < text.size() && text[i] >= 0x20 && static_cast<unsigned char>(text[i]) < 0x80) ++i;
  return i;
}

}  // namespace

void append_utf8(std::string& out, std::uint32_t c) {
  const auto put = [&](std::uint32_t b) { out.push_back(static_cast<char>(b)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

bool is_xml_char(std::uint32_t c) {
  return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) ||
         (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

std::size_t name_length(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    std::size_t length = 0;
    if (!is_name_char(decode_utf8(text, i, length), i == 0)) break;
    i += length;
  }
  return i;
}

std::size_t find_non_xml_character(std::string_view text) {
  std::size_t i = skip_plain_ascii(text, 0);
  if (i == text.size()) return std::string_view::npos;
  const std::size_t end = std::min(find_invalid_utf8(text.substr(i)), text.size() - i) + i;
  for (; i < end; i = skip_plain_ascii(text.substr(0, end), i + 1)) {
    const auto b = static_cast<unsigned char>(text[i]);
    if (b < 0x20 && !is_xml_blank(text[i])) return i;
    // U+FFFE and U+FFFF are EF BF BE and EF BF BF.
    if (b == 0xEF && static_cast<unsigned char>(text[i + 1]) == 0xBF &&
        static_cast<unsigned char>(text[i + 2]) >= 0xBE)
      return i;
  }
  return end == text.size() ? std::string_view::npos : end;
}

}  // namespace s1flow::codecs::crypto
