#include "loadgen/profiles/columns.h"

#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "core/text.h"

namespace s1flow::loadgen {
namespace {

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::optional<double> time_of_day(std::string_view text) {
  double seconds = 0;
  int parts = 0;
  for (double unit = 3600; !text.empty() && parts < 3; unit /= 60, ++parts) {
    const std::size_t end = std::min(text.find(':'), text.size());
    const auto value = number(text.substr(0, end));
    if (!value || *value < 0 || (parts > 0 && *value >= 60)) return std::nullopt;
    seconds += *value * unit;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (parts < 2 || !text.empty()) return std::nullopt;
  return seconds;
}

}  // namespace

Result<std::vector<std::vector<double>>> read_columns(const Path& path, std::size_t columns) {
  S1FLOW_TRY(const std::string text, read_text(path, 256 << 20));
  std::vector<std::vector<double>> rows;
  std::string_view rest = text;
  for (std::size_t line = 1; !rest.empty(); ++line) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view row = trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (row.empty() || row.front() == '#') continue;
    std::vector<double> values;
    bool good = true;
    for (std::size_t at = 0; at <= row.size() && good;) {
      const std::size_t comma = std::min(row.find(',', at), row.size());
      const std::string_view cell = trim(row.substr(at, comma - at));
      std::optional<double> value = number(cell);
      if (!value && values.empty()) value = time_of_day(cell);
      good = value.has_value();
      values.push_back(value.value_or(0));
      at = comma + 1;
    }
    if (!good && line == 1) continue;
    if (!good || values.size() != columns)
      return tl::unexpected(
          usage_error(fmt::format("{}: line {}: must hold {} number{} ('{}')", path.string(), line,
                                  columns, columns == 1 ? "" : "s", shown(row))));
    rows.push_back(std::move(values));
  }
  return rows;
}

}  // namespace s1flow::loadgen
