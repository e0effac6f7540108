#include "core/base64.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

#include "core/text.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace s1flow {
namespace {

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int16_t, 256> make_base64_values() {
  std::array<std::int16_t, 256> values{};
  for (auto& v : values) v = -1;
  for (int i = 0; i < 64; ++i)
    values[static_cast<unsigned char>(kBase64[i])] = static_cast<std::int16_t>(i);
  return values;
}
constexpr auto kBase64Values = make_base64_values();

// Two characters for every twelve bits.
constexpr std::array<std::array<char, 2>, 4096> kBase64Pairs = [] {
  std::array<std::array<char, 2>, 4096> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {kBase64[i >> 6], kBase64[i & 63]};
  return pairs;
}();

#if defined(__x86_64__)

// Many at a time, by the arithmetic of W. Muła and D. Lemire, "Faster Base64 Encoding and Decoding
// Using AVX2 Instructions" (2018). Both work on whole blocks and leave the rest to the plain way.
constexpr std::size_t kCharacters = 32, kOctets = 24;  // of a block

bool has_wide() {
  static const bool has = __builtin_cpu_supports("avx2") != 0;
  return has;
}

// How many characters it took; stops before the first block in which something is no digit.
[[gnu::target("avx2")]] std::size_t decode_blocks(const char* from, std::size_t size, char* to) {
  // By the low half of a byte, the ranges that it would leave; by the high half, the one it is in.
  const __m256i left =
      _mm256_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1A, 0x1B,
                       0x1B, 0x1B, 0x1A, 0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                       0x13, 0x1A, 0x1B, 0x1B, 0x1B, 0x1A);
  const __m256i in =
      _mm256_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10,
                       0x10, 0x10, 0x10, 0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10,
                       0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
  // What makes a digit of the range its value; '/' has one of its own.
  const __m256i shift = _mm256_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0,
                                         0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
  const __m256i slash = _mm256_set1_epi8('/');
  const __m256i order = _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1, 2,
                                         1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
  const __m256i close_up = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7);
  std::size_t i = 0;
  for (; i + kCharacters <= size; i += kCharacters, to += kOctets) {
    const __m256i text = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + i));
    const __m256i high = _mm256_and_si256(_mm256_srli_epi32(text, 4), _mm256_set1_epi8(15));
    const __m256i low = _mm256_and_si256(text, _mm256_set1_epi8(15));
    if (_mm256_testz_si256(_mm256_shuffle_epi8(left, low), _mm256_shuffle_epi8(in, high)) == 0)
      break;
    const __m256i range = _mm256_add_epi8(_mm256_cmpeq_epi8(text, slash), high);
    const __m256i values = _mm256_add_epi8(text, _mm256_shuffle_epi8(shift, range));
    const __m256i twelve = _mm256_maddubs_epi16(values, _mm256_set1_epi32(0x01400140));
    const __m256i all = _mm256_madd_epi16(twelve, _mm256_set1_epi32(0x00011000));
    const __m256i octets = _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(all, order), close_up);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128(octets));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to + 16), _mm256_extracti128_si256(octets, 1));
  }
  return i;
}

// How many octets it took.
[[gnu::target("avx2")]] std::size_t encode_blocks(const unsigned char* from, std::size_t size,
                                                  char* to) {
  constexpr std::size_t kSecond = 12, kWide = 16;
  const __m256i order = _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10, 1, 0, 2,
                                         1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
  // What makes a value its digit, by the range it is in: a to z, the digits, + and /, A to Z.
  const __m256i shift =
      _mm256_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                       '0' - 52, '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0,
                       'a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                       '0' - 52, '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
  std::size_t i = 0;
  for (; i + kSecond + kWide <= size; i += kOctets, to += kCharacters) {
    const __m128i first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i));
    const __m128i second = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i + kSecond));
    const __m256i octets = _mm256_shuffle_epi8(
        _mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1), order);
    const __m256i odd = _mm256_mulhi_epu16(_mm256_and_si256(octets, _mm256_set1_epi32(0x0FC0FC00)),
                                           _mm256_set1_epi32(0x04000040));
    const __m256i even = _mm256_mullo_epi16(_mm256_and_si256(octets, _mm256_set1_epi32(0x003F03F0)),
                                            _mm256_set1_epi32(0x01000010));
    const __m256i values = _mm256_or_si256(odd, even);
    const __m256i upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), values);
    const __m256i range = _mm256_or_si256(_mm256_subs_epu8(values, _mm256_set1_epi8(51)),
                                          _mm256_and_si256(upper, _mm256_set1_epi8(13)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                        _mm256_add_epi8(_mm256_shuffle_epi8(shift, range), values));
  }
  return i;
}

#else

constexpr bool has_wide() {
  return false;
}
std::size_t decode_blocks(const char*, std::size_t, char*) {
  return 0;
}
std::size_t encode_blocks(const unsigned char*, std::size_t, char*) {
  return 0;
}

#endif

// Whole groups of four without white space or padding; how many characters it took. Stops before
// the first group that is anything else.
std::size_t decode_plain_groups(std::string_view text, char* to) {
  std::size_t i = has_wide() ? decode_blocks(text.data(), text.size(), to) : 0;
  to += i / 4 * 3;
  const auto value = [&](std::size_t at) {
    return static_cast<int>(kBase64Values[static_cast<unsigned char>(text[at])]);
  };
  for (; i + 4 <= text.size(); i += 4) {
    const int a = value(i), b = value(i + 1), c = value(i + 2), d = value(i + 3);
    if ((a | b | c | d) < 0) break;
    *to++ = static_cast<char>(a << 2 | b >> 4);
    *to++ = static_cast<char>((b << 4 | c >> 2) & 255);
    *to++ = static_cast<char>((c << 6 | d) & 255);
  }
  return i;
}

}  // namespace

void append_base64(std::string& out, std::span<const unsigned char> bytes) {
  const std::size_t start = out.size();
  out.resize(start + (bytes.size() + 2) / 3 * 4);
  char* to = out.data() + start;
  const auto* const pairs = kBase64Pairs.data();
  std::size_t i = has_wide() ? encode_blocks(bytes.data(), bytes.size(), to) : 0;
  to += i / 3 * 4;
  const unsigned char* from = bytes.data() + i;
  for (; i + 3 <= bytes.size(); i += 3, from += 3, to += 4) {
    const unsigned v =
        static_cast<unsigned>(from[0]) << 16 | static_cast<unsigned>(from[1]) << 8 | from[2];
    std::memcpy(to, pairs + (v >> 12), 2);
    std::memcpy(to + 2, pairs + (v & 4095), 2);
  }
  if (i == bytes.size()) return;
  const bool two = i + 2 == bytes.size();
  const unsigned v =
      static_cast<unsigned>(bytes[i]) << 16 | (two ? static_cast<unsigned>(bytes[i + 1]) << 8 : 0U);
  *to++ = kBase64[v >> 18];
  *to++ = kBase64[v >> 12 & 63];
  *to++ = two ? kBase64[v >> 6 & 63] : '=';
  *to = '=';
}

bool decode_base64_into(std::string_view text, char* to, std::size_t& size) {
  const char* const begin = to;
  const std::size_t plain = decode_plain_groups(text, to);
  text.remove_prefix(plain);
  to += plain / 4 * 3;
  const auto put = [&](unsigned octet) { *to++ = static_cast<char>(octet & 255U); };
  unsigned bits = 0;
  int count = 0;
  int padding = 0;
  for (const char c : text) {
    if (is_blank(c)) continue;
    if (c == '=') {
      // Padding may only fill the last group of four.
      if (count + padding < 2 || ++padding + count > 4) return false;
      continue;
    }
    const int value = kBase64Values[static_cast<unsigned char>(c)];
    if (value < 0 || padding != 0) return false;
    bits = bits << 6 | static_cast<unsigned>(value);
    if (++count == 4) {
      put(bits >> 16);
      put(bits >> 8);
      put(bits);
      bits = 0;
      count = 0;
    }
  }
  if (count + padding != (count == 0 ? 0 : 4)) return false;
  if (count == 2) {
    if ((bits & 15) != 0) return false;
    put(bits >> 4);
  } else if (count == 3) {
    if ((bits & 3) != 0) return false;
    put(bits >> 10);
    put(bits >> 2);
  }
  size = static_cast<std::size_t>(to - begin);
  return true;
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string out((text.size() + 3) / 4 * 3, '\0');
  std::size_t size = 0;
  if (!decode_base64_into(text, out.data(), size)) return std::nullopt;
  out.resize(size);
  return out;
}

}  // namespace s1flow
