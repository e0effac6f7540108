#include "core/eui64.h"

#include <array>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "core/text.h"

namespace s1flow {
namespace {

constexpr std::size_t kTextSize = 23;  // eight octets and the hyphens between them

#if defined(__x86_64__)
// The sixteen digits of "00-DB-12-34-56-78-90-A0", one after another. False: a hyphen is missing.
[[gnu::target("ssse3")]] bool take_digits(const char* text, char* digits) {
  // Two loads that overlap: the octets 0 to 4, and 5 to 7 with the bytes before them.
  constexpr int kSecond = static_cast<int>(kTextSize) - 16;
  const __m128i first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const __m128i second = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + kSecond));
  const __m128i hyphen = _mm_set1_epi8('-');
  constexpr int kFirstHyphens = 1 << 2 | 1 << 5 | 1 << 8 | 1 << 11 | 1 << 14;
  constexpr int kSecondHyphens = 1 << (17 - kSecond) | 1 << (20 - kSecond);
  if ((_mm_movemask_epi8(_mm_cmpeq_epi8(first, hyphen)) & kFirstHyphens) != kFirstHyphens ||
      (_mm_movemask_epi8(_mm_cmpeq_epi8(second, hyphen)) & kSecondHyphens) != kSecondHyphens)
    return false;
  const __m128i from_first = _mm_setr_epi8(0, 1, 3, 4, 6, 7, 9, 10, 12, 13, -1, -1, -1, -1, -1, -1);
  const __m128i from_second =
      _mm_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 15 - kSecond, 16 - kSecond,
                    18 - kSecond, 19 - kSecond, 21 - kSecond, 22 - kSecond);
  _mm_storeu_si128(
      reinterpret_cast<__m128i*>(digits),
      _mm_or_si128(_mm_shuffle_epi8(first, from_first), _mm_shuffle_epi8(second, from_second)));
  return true;
}
#endif

}  // namespace

bool Eui64::read(std::string_view text, Eui64& id) {
  if (text.size() != kTextSize) return false;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("ssse3") != 0) {
    char digits[16];
    return take_digits(text.data(), digits) && read_hex({digits, sizeof digits}, id.value_);
  }
#endif
  std::uint64_t value = 0;
  int bad = 0;  // negative as soon as a digit is none: one branch for all of them
  for (std::size_t i = 0; i < kTextSize; i += 3) {
    const int octet = kHexValues[static_cast<unsigned char>(text[i])] * 16 |
                      kHexValues[static_cast<unsigned char>(text[i + 1])];
    bad |= octet;
    if (i + 2 < kTextSize) bad |= text[i + 2] == '-' ? 0 : -1;
    value = value << 8 | (static_cast<unsigned>(octet) & 255U);
  }
  id.value_ = value;
  return bad >= 0;
}

bool Eui64::read_plain(std::string_view text, Eui64& id) {
  return text.size() == 16 && read_hex(text, id.value_);
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
