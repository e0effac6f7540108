#pragma once
// A server of known capacity: one place that serves `rate` requests a second, and a queue in front
// of it. What the highest rate is that it can take is known exactly, so a search for it can be
// tested. Shared by all threads of a stub; thread-safe, without locks.

#include <atomic>
#include <cmath>
#include <cstdint>
#include <optional>

#include "core/clock.h"

namespace s1flow::loadgen::stub {

class ServiceQueue {
 public:
  enum class Service : std::uint8_t { even, exponential };

  // When a request that comes `now` has been served; nothing when `longest` requests or more are
  // before it. `unit` in [0, 1) is the caller's randomness, for exponential times.
  [[nodiscard]] std::optional<Nanoseconds> join(Nanoseconds now, double rate, std::uint64_t longest,
                                                Service service, double unit) {
    const double mean = 1e9 / rate;
    const double time = service == Service::even ? mean : -mean * std::log(1 - unit);
    const auto ticks = static_cast<std::int64_t>(time + 0.5);
    std::int64_t free = free_at_.load(std::memory_order_relaxed);
    for (;;) {
      const std::int64_t start = free > now.count() ? free : now.count();
      if (static_cast<double>(start - now.count()) >= mean * static_cast<double>(longest))
        return std::nullopt;
      if (free_at_.compare_exchange_weak(free, start + ticks, std::memory_order_relaxed))
        return Nanoseconds(start + ticks);
    }
  }

 private:
  std::atomic<std::int64_t> free_at_{0};
};

}  // namespace s1flow::loadgen::stub
