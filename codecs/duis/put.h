#pragma once
// Writers of fixed-width text into memory that the caller has measured, for the patched slots of
// messages. Each gives the end of what it wrote. Pure; thread-safe.

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/calendar.h"
#include "core/eui64.h"

namespace s1flow::codecs::duis {

inline constexpr std::size_t kEuiChars = 23;
inline constexpr std::size_t kTimeChars = 23;  // 2019-07-01T12:00:00.00Z

char* put_eui(char* to, Eui64 eui);  // upper case
[[nodiscard]] std::size_t decimal_digits(std::uint64_t value);
// Exactly `digits` characters, which must be decimal_digits(value).
char* put_decimal(char* to, std::uint64_t value, std::size_t digits);
// Hundredths of a second, cut off; years 0 to 9999.
char* put_time(char* to, UtcTime at);
char* put_base64(char* to, std::span<const unsigned char> bytes);

}  // namespace s1flow::codecs::duis
