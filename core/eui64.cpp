#include "core/eui64.h"

#include <array>

#include "core/text.h"

namespace s1flow {

std::optional<Eui64> Eui64::parse(std::string_view text) {
  if (text.size() != 23) return std::nullopt;
  std::uint64_t value = 0;
  int bad = 0;  // negative as soon as a digit is none: one branch for all of them
  for (std::size_t i = 0; i < 23; i += 3) {
    const int octet = kHexValues[static_cast<unsigned char>(text[i])] * 16 |
                      kHexValues[static_cast<unsigned char>(text[i + 1])];
    bad |= octet;
    if (i + 2 < 23) bad |= text[i + 2] == '-' ? 0 : -1;
    value = value << 8 | (static_cast<unsigned>(octet) & 255U);
  }
  if (bad < 0) return std::nullopt;
  return Eui64(value);
}

std::optional<Eui64> Eui64::parse_plain(std::string_view text) {
  if (text.size() != 16) return std::nullopt;
  const auto value = parse_hex(text);
  if (!value) return std::nullopt;
  return Eui64(*value);
}

void Eui64::append_to(std::string& out) const {
  for (int shift = 56; shift >= 0; shift -= 8) {
    const auto b = static_cast<unsigned char>(value_ >> shift);
    append_hex(out, {&b, 1});
    if (shift != 0) out.push_back('-');
  }
}

void Eui64::append_plain_to(std::string& out) const {
  for (int shift = 56; shift >= 0; shift -= 8) {
    const auto b = static_cast<unsigned char>(value_ >> shift);
    append_hex(out, {&b, 1});
  }
}

std::string Eui64::text() const {
  std::string out;
  append_to(out);
  return out;
}

}  // namespace s1flow
