#include "core/certificate_serial.h"

#include <array>

#include "core/text.h"

namespace s1flow {
namespace {
__extension__ using Wide = unsigned __int128;

constexpr Wide join(std::uint64_t high, std::uint64_t low) {
  return static_cast<Wide>(high) << 64 | low;
}
constexpr CertificateSerial split(Wide v) {
  return {static_cast<std::uint64_t>(v >> 64), static_cast<std::uint64_t>(v)};
}
}  // namespace

std::optional<CertificateSerial> CertificateSerial::parse_decimal(std::string_view text) {
  if (text.empty()) return std::nullopt;
  Wide value = 0;
  // As many digits at once as fit a word: wide divisions are slow.
  constexpr std::size_t kAtOnce = 19;
  static constexpr auto kPowers = [] {
    std::array<std::uint64_t, kAtOnce + 1> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
  }();
  while (!text.empty()) {
    const std::string_view part = text.substr(0, kAtOnce);
    std::uint64_t number = 0;
    Wide scaled = 0;
    if (!read_decimal(part, number) ||
        __builtin_mul_overflow(value, Wide{kPowers[part.size()]}, &scaled) ||
        __builtin_add_overflow(scaled, Wide{number}, &value))
      return std::nullopt;
    text.remove_prefix(part.size());
  }
  if (value == 0) return std::nullopt;
  return split(value);
}

std::optional<CertificateSerial> CertificateSerial::parse_hex(std::string_view text) {
  constexpr std::size_t kWordDigits = 16;
  if (text.empty() || text.size() > 2 * kWordDigits) return std::nullopt;
  const std::size_t low_at = text.size() > kWordDigits ? text.size() - kWordDigits : 0;
  std::uint64_t high = 0, low = 0;
  if (!read_hex(text.substr(low_at), low)) return std::nullopt;
  if (low_at != 0 && !read_hex(text.substr(0, low_at), high)) return std::nullopt;
  if (high == 0 && low == 0) return std::nullopt;
  return CertificateSerial(high, low);
}

void CertificateSerial::append_decimal_to(std::string& out) const {
  std::array<char, 39> digits;
  std::size_t start = digits.size();
  Wide value = join(high_, low_);
  do {
    digits[--start] = static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value != 0);
  out.append(digits.data() + start, digits.size() - start);
}

void CertificateSerial::append_hex_to(std::string& out) const {
  for (const std::uint64_t part : {high_, low_})
    for (int shift = 56; shift >= 0; shift -= 8) {
      const auto b = static_cast<unsigned char>(part >> shift);
      append_hex(out, {&b, 1});
    }
}

std::string CertificateSerial::decimal() const {
  std::string out;
  append_decimal_to(out);
  return out;
}

}  // namespace s1flow
