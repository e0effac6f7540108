#pragma once
// Time as the load engine sees it: nanoseconds that only go forward, from an origin of no meaning.
// Whoever needs time takes a Clock, so that tests can hold it in their hands.

#include <chrono>

namespace s1flow {

using Nanoseconds = std::chrono::nanoseconds;

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  // Thread-safe.
  [[nodiscard]] virtual Nanoseconds now() const = 0;
};

// CLOCK_MONOTONIC.
class SteadyClock final : public Clock {
 public:
  [[nodiscard]] Nanoseconds now() const override;
};

// Stands still until it is moved. One thread.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Nanoseconds start = Nanoseconds{0}) : now_(start) {}
  [[nodiscard]] Nanoseconds now() const override { return now_; }
  void advance(Nanoseconds by) { now_ += by; }
  void set(Nanoseconds to) { now_ = to; }

 private:
  Nanoseconds now_;
};

}  // namespace s1flow
