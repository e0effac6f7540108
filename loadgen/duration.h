#pragma once
// Durations and rates as people write them: "250ms", "10s", "2m", "1h30m". Pure; thread-safe.

#include <optional>
#include <string>
#include <string_view>

#include "codecs/config.h"
#include "core/clock.h"

namespace s1flow::loadgen {

// Units ns, us, ms, s, m, h; parts may follow each other; decimals are allowed. A number without a
// unit is nothing, but for 0.
[[nodiscard]] std::optional<Nanoseconds> parse_duration(std::string_view text);

// A text such as "10s" at `key`; a wrong one is a fault of `reader`.
[[nodiscard]] Nanoseconds read_duration(codecs::ConfigReader& reader, std::string_view key,
                                        Nanoseconds fallback);
[[nodiscard]] Nanoseconds read_required_duration(codecs::ConfigReader& reader,
                                                 std::string_view key);

[[nodiscard]] constexpr double seconds_of(Nanoseconds time) {
  return static_cast<double>(time.count()) / 1e9;
}
[[nodiscard]] constexpr double milliseconds_of(Nanoseconds time) {
  return static_cast<double>(time.count()) / 1e6;
}
[[nodiscard]] constexpr Nanoseconds from_seconds(double seconds) {
  return Nanoseconds{static_cast<Nanoseconds::rep>(seconds * 1e9 + 0.5)};
}

}  // namespace s1flow::loadgen
