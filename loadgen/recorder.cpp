#include "loadgen/recorder.h"

#include <numeric>

#include "core/check.h"

namespace s1flow::loadgen {

void LegTimes::add(const LegTimes& other) {
  response.add(other.response);
  service.add(other.service);
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
  const auto add_leg = [](std::unique_ptr<LegTimes>& to, const std::unique_ptr<LegTimes>& from) {
    if (!from) return;
    if (!to) to = std::make_unique<LegTimes>();
    to->add(*from);
  };
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

void IntervalClass::add(const IntervalClass& other) {
  sent += other.sent;
  ok += other.ok;
  failed += other.failed;
  response.add(other.response);
  service.add(other.service);
  lag.add(other.lag);
}

void IntervalClass::clear() {
  sent = ok = failed = 0;
  response.clear();
  service.clear();
  lag.clear();
}

void Interval::add(const Interval& other) {
  for (std::size_t c = 0; c < classes.size(); ++c)
    if (other.classes[c]) at(c).add(*other.classes[c]);
}

void Interval::clear() {
  for (auto& c : classes)
    if (c) c->clear();
}

}  // namespace s1flow::loadgen
