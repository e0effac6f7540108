#pragma once
// The form that nearly every time of a file has, "2024-06-30T09:30:00Z", read many bytes at once.
// RFC 3339 and XML Schema's dateTime agree on it. Pure and thread-safe.

#include <cstddef>
#include <cstdint>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace s1flow {

struct UsualTime {
  static constexpr std::string_view kShape = "0000-00-00T00:00:00Z";
  unsigned year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

// Whether `text` is of that form: digits and signs only, no calendar and no clock. Nothing beyond
// it is read.
[[nodiscard]] inline bool read_usual_time(std::string_view text, UsualTime& time) {
  constexpr std::string_view kShape = UsualTime::kShape;
  if (text.size() != kShape.size()) return false;
  const char* const at = text.data();
#if defined(__SSE2__)
  // The last four bytes are looked at with the twelve before them.
  constexpr unsigned kWide = 16, kLast = kShape.size() - kWide;
  const auto fits = [&](std::size_t from) {
    const auto load = [&](const char* bytes) {
      return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + from));
    };
    const __m128i bytes = load(at), shape = load(kShape.data());
    const __m128i zero = _mm_set1_epi8('0');
    // Where the shape has a 0, up to nine may be added to it.
    const __m128i more = _mm_and_si128(_mm_cmpeq_epi8(shape, zero), _mm_set1_epi8(9));
    const __m128i over = _mm_sub_epi8(bytes, shape);
    return _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(over, more), over)) == 0xFFFF;
  };
  if (!fits(0) || !fits(kLast)) return false;
#else
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool digit = at[i] >= '0' && at[i] <= '9';
    if (kShape[i] == '0' ? !digit : at[i] != kShape[i]) return false;
  }
#endif
  const auto pair = [&](std::size_t i) {
    return static_cast<unsigned>(at[i]) * 10 + static_cast<unsigned>(at[i + 1]) - '0' * 11U;
  };
  time.year = pair(0) * 100 + pair(2);
  time.month = pair(5);
  time.day = pair(8);
  time.hour = pair(11);
  time.minute = pair(14);
  time.second = pair(17);
  return true;
}

}  // namespace s1flow
