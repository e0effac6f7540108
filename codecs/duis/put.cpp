#include "codecs/duis/put.h"

#include <cstring>

namespace s1flow::codecs::duis {
namespace {

constexpr char kHex[] = "0123456789ABCDEF";
constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char* put_two(char* to, unsigned value) {
  to[0] = static_cast<char>('0' + value / 10 % 10);
  to[1] = static_cast<char>('0' + value % 10);
  return to + 2;
}

}  // namespace

char* put_eui(char* to, Eui64 eui) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    *to++ = kHex[eui.value() >> (shift + 4) & 15];
    *to++ = kHex[eui.value() >> shift & 15];
    if (shift != 0) *to++ = '-';
  }
  return to;
}

std::size_t decimal_digits(std::uint64_t value) {
  std::size_t digits = 1;
  while (value >= 10) {
    value /= 10;
    ++digits;
  }
  return digits;
}

char* put_decimal(char* to, std::uint64_t value, std::size_t digits) {
  for (std::size_t i = digits; i-- > 0; value /= 10) to[i] = static_cast<char>('0' + value % 10);
  return to + digits;
}

char* put_time(char* to, UtcTime at) {
  const std::int64_t ms = at.milliseconds_since_epoch();
  constexpr std::int64_t kDay = 86'400'000;
  std::int64_t days = ms / kDay;
  std::int64_t rest = ms % kDay;
  if (rest < 0) {
    rest += kDay;
    --days;
  }
  const std::chrono::year_month_day date{
      std::chrono::sys_days(std::chrono::days(static_cast<int>(days)))};
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  const auto clock = static_cast<unsigned>(rest);
  to = put_two(put_two(to, year / 100), year % 100);
  *to++ = '-';
  to = put_two(to, static_cast<unsigned>(date.month()));
  *to++ = '-';
  to = put_two(to, static_cast<unsigned>(date.day()));
  *to++ = 'T';
  to = put_two(to, clock / 3'600'000);
  *to++ = ':';
  to = put_two(to, clock / 60'000 % 60);
  *to++ = ':';
  to = put_two(to, clock / 1000 % 60);
  *to++ = '.';
  to = put_two(to, clock / 10 % 100);
  *to++ = 'Z';
  return to;
}

char* put_base64(char* to, std::span<const unsigned char> bytes) {
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const unsigned three = static_cast<unsigned>(bytes[i]) << 16 |
                           static_cast<unsigned>(bytes[i + 1]) << 8 | bytes[i + 2];
    *to++ = kBase64[three >> 18];
    *to++ = kBase64[three >> 12 & 63];
    *to++ = kBase64[three >> 6 & 63];
    *to++ = kBase64[three & 63];
  }
  if (i == bytes.size()) return to;
  const bool two = i + 2 == bytes.size();
  const unsigned last =
      static_cast<unsigned>(bytes[i]) << 16 | (two ? static_cast<unsigned>(bytes[i + 1]) << 8 : 0U);
  *to++ = kBase64[last >> 18];
  *to++ = kBase64[last >> 12 & 63];
  *to++ = two ? kBase64[last >> 6 & 63] : '=';
  *to++ = '=';
  return to;
}

}  // namespace s1flow::codecs::duis
