#pragma once
// Whether the generator itself was the limit. What one thread can tell of itself: how much
// processor it used and waited for, how late it woke, and which limits of the system it met.

#include <cstdint>

#include "core/clock.h"

namespace s1flow::loadgen {

struct Health {
  Nanoseconds watched{0};           // how long was looked
  Nanoseconds busy{0};              // processor time, without waiting actively
  Nanoseconds run_delay{0};         // ready to run, and another thread had the processor
  Nanoseconds late{0};              // sum of wake-ups that came later than kLateFrom
  Nanoseconds worst_stall{0};       // the latest of them
  std::uint64_t socket_limits = 0;  // sockets or ports that the system refused

  void add(const Health& other);  // of another thread
};

// A thread looks after its timer every kTick; one that comes kLateFrom late was not let run.
inline constexpr Nanoseconds kTick = std::chrono::milliseconds(10);
inline constexpr Nanoseconds kLateFrom = std::chrono::milliseconds(5);

// One thread's watch over itself; only that thread may call it.
class HealthWatch {
 public:
  void start(Nanoseconds now);
  void stop(Nanoseconds now);
  [[nodiscard]] bool running() const { return running_; }
  void woke_late(Nanoseconds by) {
    if (!running_ || by < kLateFrom) return;
    health_.late += by;
    if (by > health_.worst_stall) health_.worst_stall = by;
  }
  void waited_actively(Nanoseconds time) {
    if (running_) spin_ += time;
  }
  void met_socket_limit() { ++health_.socket_limits; }
  [[nodiscard]] const Health& health() const { return health_; }

 private:
  Health health_;
  bool running_ = false;
  Nanoseconds started_{0}, cpu_{0}, delay_{0}, spin_{0};
};

// How the other clocks of the machine stand against the one that is measured with.
struct ClockOffsets {
  Nanoseconds wall{0};       // moves when the wall clock is stepped
  Nanoseconds suspended{0};  // grows while the machine sleeps
};
[[nodiscard]] ClockOffsets clock_offsets();

}  // namespace s1flow::loadgen
