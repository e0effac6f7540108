#include "core/calendar.h"

#include <array>

#include "core/text.h"
#include "core/usual_time.h"

namespace s1flow {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Civil {
  int year = 1970;
  unsigned month = 1, day = 1, hour = 0, minute = 0, second = 0, milli = 0;
};

// Reads exactly `count` digits from the front of `text`.
template <typename T>
bool take_digits(std::string_view& text, std::size_t count, T& value) {
  if (text.size() < count) return false;
  unsigned number = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto digit = static_cast<unsigned>(static_cast<unsigned char>(text[i])) - '0';
    if (digit > 9) return false;
    number = number * 10 + digit;
  }
  value = static_cast<T>(number);
  text.remove_prefix(count);
  return true;
}

bool take_month_name(std::string_view& text, unsigned& month) {
  for (unsigned i = 0; i < kMonths.size(); ++i)
    if (equals_ignoring_case(text.substr(0, 3), kMonths[i])) {
      month = i + 1;
      text.remove_prefix(3);
      return true;
    }
  return false;
}

bool take_fraction(std::string_view& text, unsigned& milli) {
  if (text.empty() || text.front() != '.') return true;
  text.remove_prefix(1);
  std::size_t n = 0;
  unsigned value = 0;
  for (; n < text.size() && is_digit(text[n]); ++n)
    if (n < 3) value = value * 10 + static_cast<unsigned>(text[n] - '0');
  for (std::size_t k = n; k < 3; ++k) value *= 10;
  if (n == 0 || n > 9) return false;
  milli = value;
  text.remove_prefix(n);
  return true;
}

bool take_field(std::string_view& text, char field, Civil& c) {
  switch (field) {
    case 'Y':
      return take_digits(text, 4, c.year);
    case 'm':
      return take_digits(text, 2, c.month);
    case 'd':
      return take_digits(text, 2, c.day);
    case 'b':
      return take_month_name(text, c.month);
    case 'H':
      return take_digits(text, 2, c.hour);
    case 'M':
      return take_digits(text, 2, c.minute);
    case 'S':
      return take_digits(text, 2, c.second);
    case 'f':
      return take_fraction(text, c.milli);
    default:
      return false;
  }
}

bool clock_fits(const Civil& c) {
  return c.hour <= 23 && c.minute <= 59 && c.second <= 59;
}

// The form that nearly every time has, read without a step per field.
constexpr std::string_view kUsual = "%Y-%m-%dT%H:%M:%SZ";

bool read_usual(std::string_view text, Civil& c) {
  UsualTime time;
  if (!read_usual_time(text, time)) return false;
  c.year = static_cast<int>(time.year);
  c.month = time.month;
  c.day = time.day;
  c.hour = time.hour;
  c.minute = time.minute;
  c.second = time.second;
  return clock_fits(c);
}

// "20240630", the other form that nearly every day has.
constexpr std::string_view kCompactDay = "%Y%m%d";
bool read_compact_day(std::string_view text, Civil& c) {
  std::uint64_t number = 0;
  if (text.size() != 8 || !read_decimal(text, number)) return false;
  c.year = static_cast<int>(number / 10'000);
  c.month = static_cast<unsigned>(number / 100 % 100);
  c.day = static_cast<unsigned>(number % 100);
  return true;
}

bool read_civil(std::string_view text, std::string_view format, Civil& c) {
  if (format == kUsual) return read_usual(text, c);
  if (format == kCompactDay) return read_compact_day(text, c);
  for (std::size_t i = 0; i < format.size(); ++i) {
    const bool placeholder = format[i] == '%' && i + 1 < format.size() && format[i + 1] != '%';
    if (placeholder) {
      if (!take_field(text, format[++i], c)) return false;
      continue;
    }
    if (format[i] == '%') ++i;
    if (text.empty() || i >= format.size() || text.front() != format[i]) return false;
    text.remove_prefix(1);
  }
  return text.empty() && clock_fits(c);
}

bool read_day(const Civil& c, std::chrono::sys_days& day) {
  if (c.year < 1900 || c.year > 2200) return false;
  const std::chrono::year_month_day ymd{std::chrono::year(c.year), std::chrono::month(c.month),
                                        std::chrono::day(c.day)};
  if (!ymd.ok()) return false;
  day = std::chrono::sys_days(ymd);
  return true;
}

void append_civil(std::string& out, const Civil& c, std::string_view format) {
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 >= format.size()) {
      out.push_back(format[i]);
      continue;
    }
    switch (format[++i]) {
      case 'Y':
        append_padded(out, static_cast<std::uint64_t>(c.year), 4);
        break;
      case 'm':
        append_padded(out, c.month, 2);
        break;
      case 'd':
        append_padded(out, c.day, 2);
        break;
      case 'b':
        out += kMonths[c.month - 1];
        break;
      case 'H':
        append_padded(out, c.hour, 2);
        break;
      case 'M':
        append_padded(out, c.minute, 2);
        break;
      case 'S':
        append_padded(out, c.second, 2);
        break;
      case 'f':
        out.push_back('.');
        append_padded(out, c.milli, 3);
        break;
      default:
        out.push_back(format[i]);
    }
  }
}

Civil civil_of(std::chrono::sys_days day) {
  const std::chrono::year_month_day ymd(day);
  Civil c;
  c.year = static_cast<int>(ymd.year());
  c.month = static_cast<unsigned>(ymd.month());
  c.day = static_cast<unsigned>(ymd.day());
  return c;
}

}  // namespace

std::optional<Date> Date::from_civil(int year, unsigned month, unsigned day) {
  Date date;
  return read_day({.year = year, .month = month, .day = day}, date.day_) ? std::optional(date)
                                                                         : std::nullopt;
}

bool Date::read(std::string_view text, std::string_view format, Date& date) {
  Civil c;
  return read_civil(text, format, c) && read_day(c, date.day_);
}

void Date::append_to(std::string& out, std::string_view format) const {
  append_civil(out, civil_of(day_), format);
}

std::string Date::text(std::string_view format) const {
  std::string out;
  append_to(out, format);
  return out;
}

bool UtcTime::read(std::string_view text, std::string_view format, UtcTime& time) {
  Civil c;
  std::chrono::sys_days day;
  if (!read_civil(text, format, c) || !read_day(c, day)) return false;
  time.at_ = Rep(day) + std::chrono::hours(c.hour) + std::chrono::minutes(c.minute) +
             std::chrono::seconds(c.second) + std::chrono::milliseconds(c.milli);
  return true;
}

void UtcTime::append_to(std::string& out, std::string_view format) const {
  const auto day = std::chrono::floor<std::chrono::days>(at_);
  Civil c = civil_of(day);
  auto rest = static_cast<unsigned>((at_ - day).count());
  c.milli = rest % 1000;
  rest /= 1000;
  c.second = rest % 60;
  c.minute = rest / 60 % 60;
  c.hour = rest / 3600;
  append_civil(out, c, format);
}

std::string UtcTime::text(std::string_view format) const {
  std::string out;
  append_to(out, format);
  return out;
}

std::optional<MigrationWeek> MigrationWeek::from_monday(Date monday) {
  if (!monday.is_monday()) return std::nullopt;
  return MigrationWeek(monday);
}

bool is_time_format(std::string_view format) {
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    if (++i >= format.size() ||
        std::string_view("YmdbHMSf%").find(format[i]) == std::string_view::npos)
      return false;
  }
  return !format.empty();
}

}  // namespace s1flow
