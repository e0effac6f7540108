#pragma once
// Schedule: when the requests of one phase are due, as arithmetic. No clock, no sleep, no I/O: the
// k-th due time follows from k alone, so any number of threads can share one schedule by taking
// every N-th request, and a late request is still counted from the time it was due.
//
// Times count from the start of the phase. Immutable; thread-safe.

#include <cstdint>
#include <memory>
#include <span>

#include "core/clock.h"

namespace s1flow::loadgen {

class Schedule {
 public:
  Schedule() = default;
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;
  virtual ~Schedule() = default;

  // A closed loop has no due times: each connection sends as soon as its answer is there.
  [[nodiscard]] virtual bool closed() const { return false; }
  // How many requests are due within the phase; the cap on requests for a closed loop.
  [[nodiscard]] virtual std::uint64_t count() const = 0;
  // Due time of request k < count(); never falls with k.
  [[nodiscard]] virtual Nanoseconds due(std::uint64_t k) const = 0;
  // Due times of first, first + stride … ; all below count(). The same values as due().
  virtual void due_times(std::uint64_t first, std::uint64_t stride,
                         std::span<Nanoseconds> out) const;
  // How many requests are due before `time`.
  [[nodiscard]] std::uint64_t count_before(Nanoseconds time) const;
};

using SchedulePointer = std::shared_ptr<const Schedule>;

}  // namespace s1flow::loadgen
