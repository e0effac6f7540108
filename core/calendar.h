#pragma once
// Dates and times as the files carry them: UTC, proleptic Gregorian, no locale, no time-zone
// database. Formats are given by layouts in a small strftime dialect:
//   %Y year, 4 digits   %m month, 2   %d day, 2   %b Jan…Dec   %H %M %S two digits each
//   %f optional fraction ".1" to ".123456789" (read; three digits are written)   %% a percent sign;
//   all else is itself
//
// Values; thread-safe.

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace s1flow {

class Date {
 public:
  constexpr Date() = default;  // 1970-01-01
  explicit constexpr Date(std::chrono::sys_days day) : day_(day) {}
  // Nothing when the day does not exist or the year is outside 1900 … 2200.
  [[nodiscard]] static std::optional<Date> from_civil(int year, unsigned month, unsigned day);
  // (On the two forms see core/text.h.)
  [[nodiscard]] static bool read(std::string_view text, std::string_view format, Date& date);
  [[nodiscard]] static std::optional<Date> parse(std::string_view text,
                                                 std::string_view format = "%Y-%m-%d") {
    Date date;
    return read(text, format, date) ? std::optional(date) : std::nullopt;
  }

  void append_to(std::string& out, std::string_view format = "%Y-%m-%d") const;
  [[nodiscard]] std::string text(std::string_view format = "%Y-%m-%d") const;
  [[nodiscard]] constexpr std::chrono::sys_days day() const { return day_; }
  [[nodiscard]] constexpr std::int64_t days_since_epoch() const {
    return day_.time_since_epoch().count();
  }
  [[nodiscard]] static constexpr Date from_days(std::int64_t days) {
    return Date(std::chrono::sys_days(std::chrono::days(static_cast<int>(days))));
  }
  [[nodiscard]] constexpr bool is_monday() const {
    return std::chrono::weekday(day_) == std::chrono::Monday;
  }
  [[nodiscard]] constexpr Date plus_days(int n) const { return Date(day_ + std::chrono::days(n)); }
  friend constexpr auto operator<=>(Date, Date) = default;

 private:
  std::chrono::sys_days day_{};
};

class UtcTime {
 public:
  using Rep = std::chrono::sys_time<std::chrono::milliseconds>;
  constexpr UtcTime() = default;
  explicit constexpr UtcTime(Rep at) : at_(at) {}
  // (On the two forms see core/text.h.)
  [[nodiscard]] static bool read(std::string_view text, std::string_view format, UtcTime& time);
  [[nodiscard]] static std::optional<UtcTime> parse(
      std::string_view text, std::string_view format = "%Y-%m-%dT%H:%M:%S%fZ") {
    UtcTime time;
    return read(text, format, time) ? std::optional(time) : std::nullopt;
  }

  void append_to(std::string& out, std::string_view format = "%Y-%m-%dT%H:%M:%SZ") const;
  [[nodiscard]] std::string text(std::string_view format = "%Y-%m-%dT%H:%M:%SZ") const;
  [[nodiscard]] Date date() const { return Date(std::chrono::floor<std::chrono::days>(at_)); }
  [[nodiscard]] constexpr std::int64_t milliseconds_since_epoch() const {
    return at_.time_since_epoch().count();
  }
  [[nodiscard]] static constexpr UtcTime from_milliseconds(std::int64_t ms) {
    return UtcTime(Rep(std::chrono::milliseconds(ms)));
  }
  [[nodiscard]] constexpr UtcTime plus(std::chrono::milliseconds d) const {
    return UtcTime(at_ + d);
  }
  friend constexpr auto operator<=>(UtcTime, UtcTime) = default;

 private:
  Rep at_{};
};

// A Migration Week is named by its Monday (MTAD 17.20(b)) and runs for seven days.
class MigrationWeek {
 public:
  constexpr MigrationWeek() = default;  // no week: 1970-01-01 is no Monday
  // Nothing unless the date is a Monday.
  [[nodiscard]] static std::optional<MigrationWeek> from_monday(Date monday);
  [[nodiscard]] Date monday() const { return monday_; }
  [[nodiscard]] bool contains(Date d) const { return d >= monday_ && d < monday_.plus_days(7); }
  friend constexpr auto operator<=>(MigrationWeek, MigrationWeek) = default;

 private:
  explicit constexpr MigrationWeek(Date monday) : monday_(monday) {}
  Date monday_{};
};

// True when every placeholder of the format is one of the dialect above.
[[nodiscard]] bool is_time_format(std::string_view format);

}  // namespace s1flow
