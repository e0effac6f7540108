#pragma once
// What happens to the stub while it runs: stalls (it does nothing at all), outages, resets of
// connections, and times of another capacity. Each event begins `at` after the start, lasts, and
// may come again `every` so often, `times` times or without end.
//
// Immutable; thread-safe.

#include <cstdint>
#include <optional>
#include <vector>

#include "core/clock.h"

namespace s1flow::loadgen::stub {

struct TimelineEvent {
  enum class Kind : std::uint8_t {
    stall,
    outage_reset,  // every connection is reset, and every new one
    outage_503,    // every request is answered with 503
    reset,         // at one moment, `value` of all connections
    capacity       // `value` requests a second
  };
  Kind kind{};
  Nanoseconds at{0};
  Nanoseconds lasts{0};
  Nanoseconds every{0};     // 0: once
  std::uint64_t times = 0;  // 0: without end, when it comes again
  double value = 0;
};

class Timeline {
 public:
  Timeline() = default;
  explicit Timeline(std::vector<TimelineEvent> events) : events_(std::move(events)) {}

  struct State {
    std::optional<Nanoseconds> stalled_until;
    bool outage_reset = false;
    bool outage_503 = false;
    std::optional<double> capacity;  // instead of the usual one
    Nanoseconds next_change = Nanoseconds::max();
  };
  // `now` counts from the start.
  [[nodiscard]] State at(Nanoseconds now) const;

  struct Resets {
    double share = 0;  // 0: none now
  };
  // The resets that fall into (after, until]: the largest share of them.
  [[nodiscard]] Resets resets(Nanoseconds after, Nanoseconds until) const;
  [[nodiscard]] bool empty() const { return events_.empty(); }

 private:
  std::vector<TimelineEvent> events_;
};

}  // namespace s1flow::loadgen::stub
