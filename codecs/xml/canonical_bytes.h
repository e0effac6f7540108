#pragma once
// Reading canonical XML byte by byte, many at a time where the machine can: the small steps of
// CanonicalDecoder. Bytes have to be followed by Buffer::kPadding zeros, at which every step stops.

#include <bit>
#include <cstdint>
#include <string_view>

#include "codecs/byte_match.h"

namespace s1flow::codecs::canonical_bytes {

using namespace byte_match;

// The first byte that is not plain character data: markup, a reference, a control character, or not
// ASCII. `close` is one more byte that ends it: '>' of text, '"' of attributes.
template <char kClose>
[[gnu::always_inline]] inline const char* plain_end(const char* at) {
#if defined(__SSE2__)
  while (true) {
    const __m128i bytes = load(at);
    // Signed: bytes beyond ASCII count as below the blank.
    const __m128i low = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));
    const __m128i markup = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('<')),
                                        _mm_cmpeq_epi8(bytes, _mm_set1_epi8('&')));
    const __m128i other = _mm_or_si128(low, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(kClose)));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(markup, other)));
    if (mask != 0) return at + std::countr_zero(mask);
    at += 16;
  }
#else
  while (static_cast<signed char>(*at) >= ' ' && *at != '<' && *at != '&' && *at != kClose) ++at;
  return at;
#endif
}

// Passes over white space between elements.
[[gnu::always_inline]] inline const char* blanks_end(const char* at, std::uint32_t& line) {
  while (true) {
    if (*at == '\n') {
      ++line;
      ++at;
#if defined(__SSE2__)
      // Most often an indentation follows.
      while (true) {
        const unsigned others = ~equal_bytes(load(at), ' ') & 0xFFFFU;
        if (others != 0) {
          at += std::countr_zero(others);
          break;
        }
        at += 16;
      }
#endif
    } else if (*at == ' ' || *at == '\t') {
      ++at;
    } else {
      return at;
    }
  }
}

inline constexpr std::uint8_t kNameStart = 1, kName = 2;
struct NameBytes {
  std::uint8_t of[256] = {};
  constexpr NameBytes() {
    for (unsigned char c = 'a'; c <= 'z'; ++c) of[c] = kNameStart | kName;
    for (unsigned char c = 'A'; c <= 'Z'; ++c) of[c] = kNameStart | kName;
    for (unsigned char c = '0'; c <= '9'; ++c) of[c] = kName;
    of[static_cast<unsigned char>('_')] = kNameStart | kName;
    of[static_cast<unsigned char>('-')] = of[static_cast<unsigned char>('.')] = kName;
  }
};
inline constexpr NameBytes kNameBytes;

// An unprefixed name of ASCII; empty when there is none.
inline std::string_view read_name(const char*& at) {
  const char* const begin = at;
  if ((kNameBytes.of[static_cast<unsigned char>(*at)] & kNameStart) == 0) return {};
  while ((kNameBytes.of[static_cast<unsigned char>(*at)] & kName) != 0) ++at;
  return {begin, static_cast<std::size_t>(at - begin)};
}

inline bool read_qualified(const char*& at, std::string_view& prefix, std::string_view& local) {
  local = read_name(at);
  prefix = {};
  if (local.empty()) return false;
  if (*at != ':') return true;
  ++at;
  prefix = local;
  local = read_name(at);
  return !local.empty();
}

// Whether libxml2 certainly takes it for a URI: a plain URN, or http with a plain host and path.
// What it does not take for one it calls not well-formed.
inline bool is_plain_uri(std::string_view uri) {
  const auto takes = [&](std::string_view more) {
    while (!uri.empty() && ((kNameBytes.of[static_cast<unsigned char>(uri.front())] & kName) != 0 ||
                            more.find(uri.front()) != std::string_view::npos))
      uri.remove_prefix(1);
  };
  if (uri.starts_with("urn:") && uri.size() > 4) {
    uri.remove_prefix(4);
    takes(":");
    return uri.empty();
  }
  if (!uri.starts_with("http://") && !uri.starts_with("https://")) return false;
  uri.remove_prefix(uri.find('/') + 2);
  const std::size_t before = uri.size();
  takes({});
  if (uri.size() == before) return false;
  if (uri.starts_with('/')) takes("/");
  if (uri.starts_with('#')) {
    uri.remove_prefix(1);
    takes({});
  }
  return uri.empty();
}

// Namespaces that a prefix cannot be bound to here, and prefixes that are spoken for.
inline bool is_reserved(std::string_view prefix, std::string_view uri) {
  return !is_plain_uri(uri) || prefix.starts_with("xml") ||
         uri.starts_with("http://www.w3.org/XML/1998/namespace") ||
         uri.starts_with("http://www.w3.org/2000/xmlns");
}

}  // namespace s1flow::codecs::canonical_bytes
