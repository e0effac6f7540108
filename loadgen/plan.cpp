#include "loadgen/plan.h"

#include <algorithm>
#include <span>

namespace s1flow::loadgen {

void Plan::add(std::string name, PhaseKind kind, Nanoseconds duration, SchedulePointer schedule) {
  Phase phase;
  phase.name = std::move(name);
  phase.kind = kind;
  phase.start = end();
  phase.duration = duration;
  phase.schedule = std::move(schedule);
  phase.first_number = first_number_;
  if (!phases_.empty())
    phase.first_number = phases_.back().first_number + phases_.back().schedule->count();
  phases_.push_back(std::move(phase));
}

Nanoseconds Plan::end() const {
  return phases_.empty() ? Nanoseconds{0} : phases_.back().end();
}

std::uint64_t Plan::share(std::size_t phase, std::uint64_t index, std::uint64_t threads,
                          Nanoseconds stop) const {
  const Phase& p = phases_[phase];
  std::uint64_t all = p.schedule->count();
  if (stop < p.end()) all = p.schedule->count_before(stop - p.start);
  return all > index ? (all - index + threads - 1) / threads : 0;
}

std::uint64_t Plan::thread_of(std::uint64_t number, std::uint64_t threads) const {
  const auto after = std::find_if(phases_.rbegin(), phases_.rend(),
                                  [&](const Phase& p) { return p.first_number <= number; });
  return after == phases_.rend() ? 0 : (number - after->first_number) % threads;
}

PlanCursor::PlanCursor(const Plan& plan, std::uint64_t index, std::uint64_t threads)
    : plan_(plan), index_(index), threads_(threads) {
  enter(0);
}

void PlanCursor::enter(std::size_t phase) {
  closed_ = false;
  for (phase_ = phase; !done(); ++phase_) {
    const Phase& p = plan_.phases()[phase_];
    base_ = p.first_number;
    k_ = index_;
    count_ = p.schedule->count();
    if (k_ >= count_) continue;
    if (p.schedule->closed()) {
      closed_ = true;
      due_ = p.start;
      closed_end_ = p.end();
    } else {
      refill();
    }
    return;
  }
}

void PlanCursor::refill() {
  const std::uint64_t left = (count_ - k_ + threads_ - 1) / threads_;
  const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left, times_.size()));
  const Phase& p = plan_.phases()[phase_];
  p.schedule->due_times(k_, threads_, std::span(times_.data(), n));
  for (std::size_t i = 0; i < n; ++i) times_[i] += p.start;
  due_ = times_[0];
  next_time_ = 1;
}

void PlanCursor::seek(std::uint64_t number) {
  const auto& phases = plan_.phases();
  std::size_t phase = 0;
  while (phase < phases.size() &&
         number >= phases[phase].first_number + phases[phase].schedule->count())
    ++phase;
  enter(phase);
  if (done() || number <= this->number()) return;
  k_ += number - this->number();
  if (!closed_) refill();
}

void PlanCursor::advance() {
  k_ += threads_;
  if (k_ >= count_)
    enter(phase_ + 1);
  else if (!closed_) {
    if (next_time_ == times_.size())
      refill();
    else
      due_ = times_[next_time_++];
  }
}

}  // namespace s1flow::loadgen
