#include "core/text.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "core/base64.h"

namespace s1flow {

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t value = 0;
  constexpr std::size_t kNeverTooLarge = 19;  // digits
  if (text.size() <= kNeverTooLarge) {
    for (const char c : text) {
      const auto digit = static_cast<std::uint64_t>(static_cast<unsigned char>(c)) - '0';
      if (digit > 9) return std::nullopt;
      value = value * 10 + digit;
    }
    return value;
  }
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::uint64_t count_lines(std::string_view text) {
  std::uint64_t lines = 0;
#if defined(__SSE2__)
  constexpr std::size_t kWide = 16;
  constexpr std::size_t kMostRounds = 255;  // of sums in bytes
  while (text.size() >= kWide) {
    const std::size_t rounds = std::min(text.size() / kWide, kMostRounds);
    __m128i sums = _mm_setzero_si128();
    for (std::size_t i = 0; i < rounds; ++i) {
      const __m128i bytes =
          _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i * kWide));
      sums = _mm_sub_epi8(sums, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')));
    }
    const __m128i halves = _mm_sad_epu8(sums, _mm_setzero_si128());
    lines += static_cast<std::uint64_t>(_mm_cvtsi128_si64(halves)) +
             static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(halves, halves)));
    text.remove_prefix(rounds * kWide);
  }
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

std::optional<std::string> decode_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
  }
  return out;
}

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

constexpr bool is_xml_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Two characters for every twelve bits.
constexpr std::array<std::array<char, 2>, 4096> kBase64Pairs = [] {
  std::array<std::array<char, 2>, 4096> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i] = {kBase64[i >> 6], kBase64[i & 63]};
  return pairs;
}();

}  // namespace

void append_base64(std::string& out, std::span<const unsigned char> bytes) {
  const std::size_t start = out.size();
  out.resize(start + (bytes.size() + 2) / 3 * 4);
  char* to = out.data() + start;
  const unsigned char* from = bytes.data();
  const auto* const pairs = kBase64Pairs.data();
  std::size_t i = 0;
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

namespace {

// Whole groups of four without white space or padding; how many characters it took. Stops before
// the first group that is anything else.
std::size_t decode_plain_groups(std::string_view text, char* to) {
  std::size_t i = 0;
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

std::optional<std::size_t> decode_base64_into(std::string_view text, char* to) {
  const char* const begin = to;
  const std::size_t plain = decode_plain_groups(text, to);
  text.remove_prefix(plain);
  to += plain / 4 * 3;
  const auto put = [&](unsigned octet) { *to++ = static_cast<char>(octet & 255U); };
  unsigned bits = 0;
  int count = 0;
  int padding = 0;
  for (const char c : text) {
    if (is_xml_space(c)) continue;
    if (c == '=') {
      // Padding may only fill the last group of four.
      if (count + padding < 2 || ++padding + count > 4) return std::nullopt;
      continue;
    }
    const int value = kBase64Values[static_cast<unsigned char>(c)];
    if (value < 0 || padding != 0) return std::nullopt;
    bits = bits << 6 | static_cast<unsigned>(value);
    if (++count == 4) {
      put(bits >> 16);
      put(bits >> 8);
      put(bits);
      bits = 0;
      count = 0;
    }
  }
  const auto size = [&] { return static_cast<std::size_t>(to - begin); };
  if (count == 0) return padding == 0 ? std::optional(size()) : std::nullopt;
  if (count + padding != 4) return std::nullopt;
  if (count == 2) {
    if ((bits & 15) != 0) return std::nullopt;
    put(bits >> 4);
  } else {
    if ((bits & 3) != 0) return std::nullopt;
    put(bits >> 10);
    put(bits >> 2);
  }
  return size();
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string out((text.size() + 3) / 4 * 3, '\0');
  const auto size = decode_base64_into(text, out.data());
  if (!size) return std::nullopt;
  out.resize(*size);
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_xml_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_xml_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string to_upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && to_upper(a) == to_upper(b);
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
