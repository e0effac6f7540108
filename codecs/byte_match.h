#pragma once
// Telling whether known bytes stand somewhere, many at a time where the machine can. Both sides are
// read beyond their ends: what is read has to be followed by Buffer::kPadding bytes, what is known
// by Literal::kOver zeros. All functions are pure.

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace s1flow::codecs::byte_match {

#if defined(__SSE2__)
inline unsigned equal_bytes(__m128i bytes, char to) {
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(to))));
}
inline __m128i load(const char* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}
#endif

// Whether `size` bytes are the same; both sides may be read beyond.
[[gnu::always_inline]] inline bool same(const char* a, const char* b, std::size_t size) {
#if defined(__SSE2__)
  while (true) {
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(load(a), load(b))));
    if (size <= 16) return (~mask & ((1U << size) - 1U)) == 0;
    if (mask != 0xFFFFU) return false;
    a += 16;
    b += 16;
    size -= 16;
  }
#else
  return std::memcmp(a, b, size) == 0;
#endif
}

// Bytes that a file writes for a name of its layout, with kOver zeros after them. `mask` has a bit
// for each of the first 32.
struct Literal {
  static constexpr std::size_t kOver = 32;
  const char* bytes = nullptr;
  std::size_t size = 0;
  std::uint32_t mask = 0;

  [[nodiscard]] static constexpr std::uint32_t mask_of(std::size_t size) {
    constexpr auto kAll = ~std::uint32_t{0};
    return size >= kOver ? kAll : ~(kAll << size);
  }
};

// Whether they stand at `at`, after which kOver bytes may be read.
[[gnu::always_inline]] inline bool stands_at(const char* at, const Literal& literal) {
#if defined(__SSE2__)
  const auto differ = [&](std::size_t from) {
    const __m128i same = _mm_cmpeq_epi8(load(at + from), load(literal.bytes + from));
    return ~static_cast<unsigned>(_mm_movemask_epi8(same)) & 0xFFFFU;
  };
  if (((differ(0) | differ(16) << 16) & literal.mask) != 0) return false;
  return literal.size <= Literal::kOver || same(at, literal.bytes, literal.size);
#else
  return std::memcmp(at, literal.bytes, literal.size) == 0;
#endif
}

}  // namespace s1flow::codecs::byte_match
