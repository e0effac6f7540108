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
  void add(const LegTimes& other);
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

// One second of one class; what ended in it.
struct IntervalClass {
  std::uint64_t sent = 0;
  std::uint64_t ok = 0;
  std::uint64_t failed = 0;
  Histogram response;
  Histogram service;
  Histogram lag;
  void add(const IntervalClass& other);
  void clear();
};

struct Interval {
  std::uint64_t second = 0;
  std::vector<std::unique_ptr<IntervalClass>> classes;
  explicit Interval(std::size_t n) : classes(n) {}
  [[nodiscard]] IntervalClass& at(std::size_t c) {
    if (!classes[c]) classes[c] = std::make_unique<IntervalClass>();
    return *classes[c];
  }
  void add(const Interval& other);
  void clear();
};

}  // namespace s1flow::loadgen
