#pragma once
// What one thread saw: counts and times by phase and class, and the same for the second that is
// running. Memory depends on the number of phases and classes only. Recorders add up exactly: the
// sum of those of N threads equals one that saw everything. One thread at a time.

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/histogram.h"
#include "loadgen/outcome.h"

namespace s1flow::loadgen {

// Response time counts from when the request was due, service time from when it was sent.
struct LegTimes {
  Histogram response;
  Histogram service;
  void record(Nanoseconds due, Nanoseconds sent, Nanoseconds at) {
    response.record(at - due);
    service.record(at - sent);
  }
  void add(const LegTimes& other);
  void clear();
};

struct ClassRecord {
  std::uint64_t sent = 0;
  std::array<std::uint64_t, kOutcomes> outcomes{};
  LegTimes first;     // of ok: to the whole answer, or to the acknowledgement of two legs
  Histogram failed;   // response time of everything else that was sent
  Histogram lag;      // sent - due, whoever is to blame
  Histogram own_lag;  // the part that is the generator's: since due with a free connection
  std::unique_ptr<LegTimes> transform;  // to the reply of a first round trip of two
  std::unique_ptr<LegTimes> answer;     // of ok with two legs: to the later answer

  [[nodiscard]] std::uint64_t ended() const;
  [[nodiscard]] std::uint64_t count(Outcome outcome) const { return outcomes[index_of(outcome)]; }
  void add(const ClassRecord& other);
};

class Recorder {
 public:
  Recorder(std::size_t phases, std::size_t classes);
  // Made when first asked for.
  [[nodiscard]] ClassRecord& at(std::size_t phase, std::size_t c) {
    auto& slot = records_[phase * classes_ + c];
    if (!slot) slot = std::make_unique<ClassRecord>();
    return *slot;
  }
  // Null when nothing was recorded.
  [[nodiscard]] const ClassRecord* find(std::size_t phase, std::size_t c) const {
    return records_[phase * classes_ + c].get();
  }
  [[nodiscard]] std::size_t phases() const { return records_.size() / classes_; }
  [[nodiscard]] std::size_t classes() const { return classes_; }
  void add(const Recorder& other);
  // All classes of a phase.
  [[nodiscard]] ClassRecord total(std::size_t phase) const;

 private:
  std::size_t classes_;
  std::vector<std::unique_ptr<ClassRecord>> records_;
};

// One second of one phase and class; what ended in it.
struct IntervalClass {
  std::uint64_t sent = 0;
  std::uint64_t ok = 0;
  std::uint64_t failed = 0;
  LegTimes first;  // each leg counts when it ends
  std::unique_ptr<LegTimes> transform;
  std::unique_ptr<LegTimes> answer;
  Histogram failed_times;
  Histogram lag;

  // Of the leg that ends the request, where it is the later answer or not; null: none ended well.
  [[nodiscard]] const LegTimes* last(bool two_legs) const {
    return two_legs ? answer.get() : &first;
  }
  [[nodiscard]] bool empty() const;
  void add(const IntervalClass& other);
  void clear();
};

class Interval {
 public:
  Interval(std::size_t phases, std::size_t classes) : classes_(classes), slots_(phases * classes) {}
  std::uint64_t second = 0;

  [[nodiscard]] std::size_t phases() const { return slots_.size() / classes_; }
  [[nodiscard]] std::size_t classes() const { return classes_; }
  // Made when first asked for.
  [[nodiscard]] IntervalClass& at(std::size_t phase, std::size_t c) {
    auto& slot = slots_[phase * classes_ + c];
    if (!slot) slot = std::make_unique<IntervalClass>();
    return *slot;
  }
  // Null when nothing was recorded.
  [[nodiscard]] const IntervalClass* find(std::size_t phase, std::size_t c) const {
    return slots_[phase * classes_ + c].get();
  }
  void add(const Interval& other);
  // Gives back what the last second did not need.
  void clear();

 private:
  std::size_t classes_;
  std::vector<std::unique_ptr<IntervalClass>> slots_;
};

// How many requests of each class were due in each slot of time, whenever they were sent. One
// thread; a thread's requests come in the order of their due times.
class DueCounts {
 public:
  DueCounts(std::size_t classes, Nanoseconds step, Nanoseconds end);
  void add(Nanoseconds due, std::size_t c) {
    while (due >= slot_end_) next_slot();
    ++counts_[first_ + c];
  }
  void add(const DueCounts& other);
  [[nodiscard]] Nanoseconds step() const { return step_; }
  [[nodiscard]] std::size_t slots() const { return counts_.size() / classes_; }
  [[nodiscard]] std::uint64_t at(std::size_t slot, std::size_t c) const {
    return counts_[slot * classes_ + c];
  }

 private:
  void next_slot();
  std::size_t classes_;
  Nanoseconds step_;
  Nanoseconds slot_end_;
  std::size_t first_ = 0;  // place of the slot that slot_end_ ends
  std::vector<std::uint64_t> counts_;
};

}  // namespace s1flow::loadgen
