#pragma once
// The phases of a run one after the other, and a walk through the requests of one thread's share.
// Requests are numbered through all phases; thread i of n has every n-th request of each phase.
// Immutable plan, thread-safe; a cursor belongs to one thread.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/schedule.h"

namespace s1flow::loadgen {

enum class PhaseKind : std::uint8_t { warm_up, measure };
inline constexpr std::array<std::string_view, 2> kPhaseKindNames{"warm-up", "measure"};

struct Phase {
  std::string name;
  PhaseKind kind = PhaseKind::measure;
  Nanoseconds start{0};  // from the start of the run
  Nanoseconds duration{0};
  SchedulePointer schedule;
  std::uint64_t first_number = 0;

  [[nodiscard]] Nanoseconds end() const { return start + duration; }
};

class Plan {
 public:
  Plan() = default;
  // The first request's number; for runs that go on where another has ended.
  explicit Plan(std::uint64_t first_number) : first_number_(first_number) {}
  void add(std::string name, PhaseKind kind, Nanoseconds duration, SchedulePointer schedule);
  [[nodiscard]] const std::vector<Phase>& phases() const { return phases_; }
  [[nodiscard]] Nanoseconds end() const;
  // How many requests of the phase thread `index` of `threads` has to account for when the run ends
  // at `stop`; nothing is known of closed phases.
  [[nodiscard]] std::uint64_t share(std::size_t phase, std::uint64_t index, std::uint64_t threads,
                                    Nanoseconds stop) const;
  // The thread that request `number` belongs to; 0 when it is not of this plan.
  [[nodiscard]] std::uint64_t thread_of(std::uint64_t number, std::uint64_t threads) const;

 private:
  std::uint64_t first_number_ = 0;
  std::vector<Phase> phases_;
};

class PlanCursor {
 public:
  PlanCursor(const Plan& plan, std::uint64_t index, std::uint64_t threads);
  // No further request.
  [[nodiscard]] bool done() const { return phase_ >= plan_.phases().size(); }
  // The next request is due when a connection is free; from due() on.
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] Nanoseconds due() const { return due_; }
  [[nodiscard]] std::uint64_t number() const { return base_ + k_; }
  [[nodiscard]] std::uint32_t phase() const { return static_cast<std::uint32_t>(phase_); }
  void advance();
  // To the request of this number, which is of this thread's share; done when there is none.
  void seek(std::uint64_t number);
  // Leaves closed phases that are over.
  void leave_closed(Nanoseconds now) {
    while (closed_ && now >= closed_end_) enter(phase_ + 1);
  }

 private:
  void enter(std::size_t phase);
  void refill();

  const Plan& plan_;
  std::uint64_t index_;
  std::uint64_t threads_;
  std::size_t phase_ = 0;
  std::uint64_t base_ = 0;
  std::uint64_t k_ = 0;
  std::uint64_t count_ = 0;
  bool closed_ = false;
  Nanoseconds due_{0};
  Nanoseconds closed_end_{0};
  std::array<Nanoseconds, 128> times_{};
  std::size_t next_time_ = 0;
};

}  // namespace s1flow::loadgen
