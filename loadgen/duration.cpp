#include "loadgen/duration.h"

#include <charconv>

#include <fmt/format.h>

namespace s1flow::loadgen {
namespace {

struct Unit {
  std::string_view name;
  double nanoseconds;
};
// Longer names before those that they start with.
constexpr Unit kUnits[] = {{"ns", 1},  {"us", 1e3}, {"ms", 1e6},
                           {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};
constexpr double kLongest = 366.0 * 24 * 3600e9;

}  // namespace

std::optional<Nanoseconds> parse_duration(std::string_view text) {
  if (text == "0") return Nanoseconds{0};
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc{} || number < 0 || text.front() == '-') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const Unit* found = nullptr;
    for (const Unit& unit : kUnits)
      if (text.starts_with(unit.name)) {
        found = &unit;
        break;
      }
    if (found == nullptr) return std::nullopt;
    text.remove_prefix(found->name.size());
    total += number * found->nanoseconds;
    if (!(total <= kLongest)) return std::nullopt;
  }
  return Nanoseconds{static_cast<Nanoseconds::rep>(total + 0.5)};
}

Nanoseconds read_duration(codecs::ConfigReader& reader, std::string_view key,
                          Nanoseconds fallback) {
  if (!reader.has(key)) return fallback;
  const std::string text = reader.text(key, "");
  const auto parsed = parse_duration(text);
  if (!parsed) {
    reader.fail(
        nullptr,
        fmt::format("'{}' must be a duration such as \"250ms\", \"10s\" or \"1h30m\"", key));
    return fallback;
  }
  return *parsed;
}

Nanoseconds read_required_duration(codecs::ConfigReader& reader, std::string_view key) {
  if (!reader.has(key)) reader.fail(nullptr, fmt::format("'{}' is missing", key));
  return read_duration(reader, key, Nanoseconds{0});
}

}  // namespace s1flow::loadgen
