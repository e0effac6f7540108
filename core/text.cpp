#include "core/text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "core/base64.h"

namespace s1flow {

namespace {

constexpr std::uint64_t kZeros = 0x3030303030303030;

// The first `count` of eight bytes, 1 to 8 of them, after as many zeros as make them eight.
std::uint64_t padded_digits(const char* digits, std::size_t count) {
  std::uint64_t text = 0;
  std::memcpy(&text, digits, sizeof text);
  if constexpr (std::endian::native == std::endian::big) text = __builtin_bswap64(text);
  if (count == 8) return text;
  return text << (8 * (8 - count)) | kZeros >> (8 * count);
}

// Eight digits at once, each step joining neighbours. False: one of them is none.
bool read_eight(std::uint64_t text, std::uint64_t& value) {
  constexpr std::uint64_t kHigh = 0xF0F0F0F0F0F0F0F0, kSixes = 0x0606060606060606;
  if ((text & kHigh) != kZeros || ((text + kSixes) & kHigh) != kZeros) return false;
  text -= kZeros;
  text = text * 10 + (text >> 8);  // pairs, in every other byte
  constexpr std::uint64_t kPairs = 0x000000FF000000FF;
  constexpr std::uint64_t kFirstAndThird = 100 + (std::uint64_t{1'000'000} << 32);
  constexpr std::uint64_t kSecondAndFourth = 1 + (std::uint64_t{10'000} << 32);
  value = ((text & kPairs) * kFirstAndThird + ((text >> 16) & kPairs) * kSecondAndFourth) >> 32;
  return true;
}

}  // namespace

bool read_decimal(std::string_view text, std::uint64_t& value) {
  if (text.empty()) return false;
  std::uint64_t number = 0;
  constexpr std::size_t kNeverTooLarge = 19;  // digits
  if (text.size() <= kNeverTooLarge) {
    if (text.size() >= 8) {
      constexpr std::uint64_t kEightDigits = 100'000'000;
      std::size_t count = (text.size() - 1) % 8 + 1;
      for (std::uint64_t eight = 0; !text.empty(); text.remove_prefix(count), count = 8) {
        if (!read_eight(padded_digits(text.data(), count), eight)) return false;
        number = number * kEightDigits + eight;
      }
      value = number;
      return true;
    }
    for (const char c : text) {
      const auto digit = static_cast<std::uint64_t>(static_cast<unsigned char>(c)) - '0';
      if (digit > 9) return false;
      number = number * 10 + digit;
    }
    value = number;
    return true;
  }
  for (const char c : text) {
    if (!is_digit(c)) return false;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (number > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) return false;
    number = number * 10 + digit;
  }
  value = number;
  return true;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

namespace {

#if defined(__x86_64__)

// Sums of up to 255 rounds fit into bytes.
[[gnu::target("avx2")]] std::uint64_t count_wide(std::string_view& text, char c) {
  constexpr std::size_t kWide = 32, kMostRounds = 255;
  const __m256i wanted = _mm256_set1_epi8(c);
  __m256i all = _mm256_setzero_si256();
  while (text.size() >= kWide) {
    const std::size_t rounds = std::min(text.size() / kWide, kMostRounds);
    __m256i sums = _mm256_setzero_si256();
    for (std::size_t i = 0; i < rounds; ++i) {
      const __m256i bytes =
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + i * kWide));
      sums = _mm256_sub_epi8(sums, _mm256_cmpeq_epi8(bytes, wanted));
    }
    all = _mm256_add_epi64(all, _mm256_sad_epu8(sums, _mm256_setzero_si256()));
    text.remove_prefix(rounds * kWide);
  }
  const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(half)) +
         static_cast<std::uint64_t>(_mm_extract_epi64(half, 1));
}

#endif

}  // namespace

std::uint64_t count_lines(std::string_view text) {
  std::uint64_t lines = 0;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") != 0) lines = count_wide(text, '\n');
#endif
  return lines + static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

void append_decimal(std::string& out, std::uint64_t value) {
  append_padded(out, value, 1);
}

void append_padded(std::string& out, std::uint64_t value, unsigned width) {
  std::array<char, 20> digits;
  std::size_t start = digits.size();
  do {
    digits[--start] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  for (std::size_t n = digits.size() - start; n < width; ++n) out.push_back('0');
  out.append(digits.data() + start, digits.size() - start);
}

void append_hex(std::string& out, std::span<const unsigned char> bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  for (const unsigned char b : bytes) {
    out.push_back(kDigits[b >> 4]);
    out.push_back(kDigits[b & 15]);
  }
}

namespace {

#if defined(__SSE2__)
// Sixteen digits, the most significant first.
bool read_sixteen(const char* digits, std::uint64_t& value) {
  const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(digits));
  const __m128i number = _mm_sub_epi8(text, _mm_set1_epi8('0'));
  const __m128i letter = _mm_sub_epi8(_mm_or_si128(text, _mm_set1_epi8(' ')), _mm_set1_epi8('a'));
  const __m128i is_number = _mm_cmpeq_epi8(_mm_min_epu8(number, _mm_set1_epi8(9)), number);
  const __m128i is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter);
  if (_mm_movemask_epi8(_mm_or_si128(is_number, is_letter)) != 0xFFFF) return false;
  const __m128i each =
      _mm_or_si128(_mm_and_si128(number, is_number),
                   _mm_and_si128(_mm_add_epi8(letter, _mm_set1_epi8(10)), is_letter));
  const __m128i high = _mm_slli_epi16(_mm_and_si128(each, _mm_set1_epi16(15)), 4);
  const __m128i octets = _mm_or_si128(high, _mm_srli_epi16(each, 8));
  value = __builtin_bswap64(
      static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_packus_epi16(octets, octets))));
  return true;
}
#else
bool read_sixteen(const char*, std::uint64_t&) {
  return false;  // the plain way tells
}
#endif

}  // namespace

bool read_hex(std::string_view digits, std::uint64_t& value) {
  constexpr std::size_t kMost = 16;
  if (digits.empty() || digits.size() > kMost) return false;
  if (digits.size() == kMost && read_sixteen(digits.data(), value)) return true;
  std::uint64_t number = 0;
  int bad = 0;  // negative as soon as a digit is none: one branch for all of them
  for (const char c : digits) {
    const int digit = hex_value(c);
    bad |= digit;
    number = number << 4 | (static_cast<unsigned>(digit) & 15U);
  }
  value = number;
  return bad >= 0;
}

std::optional<std::string> decode_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out(text.size() / 2, '\0');
  std::size_t done = 0;
  for (std::uint64_t octets = 0;
       text.size() - 2 * done >= 16 && read_sixteen(text.data() + 2 * done, octets); done += 8) {
    octets = __builtin_bswap64(octets);  // as they stand in the text
    std::memcpy(out.data() + done, &octets, sizeof octets);
  }
  int bad = 0;  // negative as soon as a digit is none: one branch for all of them
  for (; done < out.size(); ++done) {
    const int high = hex_value(text[2 * done]);
    const int low = hex_value(text[2 * done + 1]);
    bad |= high | low;
    out[done] =
        static_cast<char>((static_cast<unsigned>(high) << 4 | static_cast<unsigned>(low)) & 255U);
  }
  if (bad < 0) return std::nullopt;
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

namespace {

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

std::string to_upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = upper(c);
  return out;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return upper(x) == upper(y); });
}

std::size_t find_invalid_utf8(std::string_view text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const std::size_t size = text.size();
  std::size_t i = 0;
  while (i < size) {
    const unsigned char lead = bytes[i];
    if (lead < 0x80) {
      ++i;
      continue;
    }
    std::size_t length = 0;
    unsigned char low = 0x80, high = 0xBF;  // bounds of the second byte
    if (lead >= 0xC2 && lead <= 0xDF) {
      length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      length = 3;
      if (lead == 0xE0) low = 0xA0;
      if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      length = 4;
      if (lead == 0xF0) low = 0x90;
      if (lead == 0xF4) high = 0x8F;
    } else {
      return i;
    }
    if (size - i < length || bytes[i + 1] < low || bytes[i + 1] > high) return i;
    for (std::size_t k = 2; k < length; ++k)
      if ((bytes[i + k] & 0xC0) != 0x80) return i;
    i += length;
  }
  return std::string_view::npos;
}

namespace {
// Where to cut `text` at or before `limit` so that no well-formed character is cut in two. Bytes
// that belong to none are not spared: they are what the reader has to see.
std::size_t end_of_characters(std::string_view text, std::size_t limit) {
  for (std::size_t back = 1; back <= 3 && back <= limit; ++back) {
    const std::string_view last = text.substr(limit - back);
    const auto lead = static_cast<unsigned char>(last.front());
    if ((lead & 0xC0) == 0x80) continue;
    const std::size_t length = lead >= 0xF0 ? 4U : lead >= 0xE0 ? 3U : lead >= 0xC0 ? 2U : 1U;
    const bool whole = find_invalid_utf8(last.substr(0, length)) == std::string_view::npos;
    return whole && length > back ? limit - back : limit;
  }
  return limit;
}
}  // namespace

std::string shown(std::string_view text, std::size_t limit) {
  const bool cut = text.size() > limit;
  if (cut) text = text.substr(0, end_of_characters(text, limit));
  std::string out;
  std::size_t i = 0;
  auto escape = [&out](char c) {
    out += "\\x";
    append_hex(out, as_bytes({&c, 1}));
  };
  while (i < text.size()) {
    const std::size_t bad = find_invalid_utf8(text.substr(i));
    const std::size_t end = bad == std::string_view::npos ? text.size() : i + bad;
    for (; i < end; ++i) {
      const auto b = static_cast<unsigned char>(text[i]);
      if (b < 0x20 || b == 0x7F) {
        escape(text[i]);
      } else if (b == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
        // U+0080 to U+009F: terminals take some of them for the start of a command.
        escape(text[i]);
        escape(text[++i]);
      } else {
        out.push_back(text[i]);
      }
    }
    if (i < text.size()) escape(text[i++]);
  }
  if (cut) out += "…";
  return out;
}

}  // namespace s1flow
