#include "cli/render/format.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "core/calendar.h"
#include "core/text.h"

namespace s1flow::render {

std::string grouped(std::uint64_t value) {
  std::string digits;
  append_decimal(digits, value);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string change(std::uint64_t from, std::uint64_t to) {
  if (from == to) return "0";
  return from > to ? fmt::format("\u2212{}", grouped(from - to))
                   : fmt::format("+{}", grouped(to - from));
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "n/a";
  if (part == 0) return "0 %";
  if (part == whole) return "100 %";
  const double value = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  if (value < 0.1) return "<0.1 %";
  if (value > 99.9 && part < whole) return ">99.9 %";
  return fmt::format("{:.1f} %", value);
}

std::string bytes_text(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 6> kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  // 1023.95 would be printed as 1024.0.
  while (value >= 1023.95 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string duration_text(std::chrono::nanoseconds time) {
  const double s = std::chrono::duration<double>(time).count();
  if (time.count() == 0) return "0 s";
  if (s < 1e-3) return fmt::format("{:.1f} µs", s * 1e6);
  if (s < 1) return fmt::format("{:.1f} ms", s * 1e3);
  if (s < 60) return fmt::format("{:.2f} s", s);
  const auto whole = static_cast<std::uint64_t>(std::llround(s));
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", grouped(whole / 3600), whole % 3600 / 60);
}

std::string rate_text(std::uint64_t count, std::chrono::nanoseconds time) {
  if (time.count() <= 0) return "n/a";
  const double rate = static_cast<double>(count) / std::chrono::duration<double>(time).count();
  if (rate >= 1e15) return "n/a";
  if (rate < 100) return fmt::format("{:.3g}", rate);
  double step = 1;
  while (rate / step >= 1000) step *= 10;
  return grouped(static_cast<std::uint64_t>(std::llround(rate / step) * std::llround(step)));
}

std::string day_text(std::string_view iso) {
  static constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed",
                                                         "Thu", "Fri", "Sat"};
  const auto date = Date::parse(iso);
  if (!date) return std::string(or_not_known(iso));
  const std::chrono::year_month_day civil(date->day());
  return fmt::format("{} {} {}", kDays[std::chrono::weekday(date->day()).c_encoding()],
                     static_cast<unsigned>(civil.day()), date->text("%b %Y"));
}

std::string_view or_not_known(std::string_view text) {
  return text.empty() ? std::string_view("not known") : text;
}

std::string counted(std::uint64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", grouped(n), n == 1 ? one : many);
}

}  // namespace s1flow::render
