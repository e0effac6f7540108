#include "loadgen/recorder.h"

#include <numeric>

#include "core/check.h"

namespace s1flow::loadgen {
namespace {

void add_leg(std::unique_ptr<LegTimes>& to, const std::unique_ptr<LegTimes>& from) {
  if (!from) return;
  if (!to) to = std::make_unique<LegTimes>();
  to->add(*from);
}

}  // namespace

void LegTimes::add(const LegTimes& other) {
  response.add(other.response);
  service.add(other.service);
}

void LegTimes::clear() {
  response.clear();
  service.clear();
}

std::uint64_t ClassRecord::ended() const {
  return std::accumulate(outcomes.begin(), outcomes.end(), std::uint64_t{0});
}

void ClassRecord::add(const ClassRecord& other) {
  sent += other.sent;
  for (std::size_t i = 0; i < kOutcomes; ++i) outcomes[i] += other.outcomes[i];
  first.add(other.first);
  failed.add(other.failed);
  lag.add(other.lag);
  own_lag.add(other.own_lag);
  add_leg(transform, other.transform);
  add_leg(answer, other.answer);
}

Recorder::Recorder(std::size_t phases, std::size_t classes)
    : classes_(classes), records_(phases * classes) {
  S1FLOW_CHECK(classes > 0);
}

void Recorder::add(const Recorder& other) {
  S1FLOW_CHECK(other.records_.size() == records_.size() && other.classes_ == classes_);
  for (std::size_t i = 0; i < records_.size(); ++i) {
    if (!other.records_[i]) continue;
    if (!records_[i]) records_[i] = std::make_unique<ClassRecord>();
    records_[i]->add(*other.records_[i]);
  }
}

ClassRecord Recorder::total(std::size_t phase) const {
  ClassRecord sum;
  for (std::size_t c = 0; c < classes_; ++c)
    if (const ClassRecord* record = find(phase, c)) sum.add(*record);
  return sum;
}

bool IntervalClass::empty() const {
  // Acknowledgements may come in a second in which nothing is sent and nothing ends.
  return sent == 0 && ok == 0 && failed == 0 && first.response.empty() &&
         (!transform || transform->response.empty());
}

void IntervalClass::add(const IntervalClass& other) {
  sent += other.sent;
  ok += other.ok;
  failed += other.failed;
  first.add(other.first);
  add_leg(transform, other.transform);
  add_leg(answer, other.answer);
  failed_times.add(other.failed_times);
  lag.add(other.lag);
}

void IntervalClass::clear() {
  sent = ok = failed = 0;
  first.clear();
  if (transform) transform->clear();
  if (answer) answer->clear();
  failed_times.clear();
  lag.clear();
}

void Interval::add(const Interval& other) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (!other.slots_[i]) continue;
    if (!slots_[i]) slots_[i] = std::make_unique<IntervalClass>();
    slots_[i]->add(*other.slots_[i]);
  }
}

void Interval::clear() {
  for (auto& slot : slots_) {
    if (!slot) continue;
    if (slot->empty())
      slot.reset();
    else
      slot->clear();
  }
}

DueCounts::DueCounts(std::size_t classes, Nanoseconds step, Nanoseconds end)
    : classes_(classes),
      step_(step),
      slot_end_(step),
      counts_(classes * static_cast<std::size_t>(end / step + 1)) {}

void DueCounts::next_slot() {
  slot_end_ += step_;
  first_ += classes_;
  S1FLOW_CHECK(first_ < counts_.size());
}

void DueCounts::add(const DueCounts& other) {
  S1FLOW_CHECK(other.counts_.size() == counts_.size());
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
}

}  // namespace s1flow::loadgen
