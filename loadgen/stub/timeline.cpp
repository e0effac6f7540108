#include "loadgen/stub/timeline.h"

#include <algorithm>

namespace s1flow::loadgen::stub {
namespace {

// How often the event has begun until `now`, both ends included.
std::uint64_t begun(const TimelineEvent& event, Nanoseconds now) {
  if (now < event.at) return 0;
  if (event.every.count() <= 0) return 1;
  const auto count = static_cast<std::uint64_t>((now - event.at) / event.every) + 1;
  return event.times == 0 ? count : std::min(count, event.times);
}

// When it begins for the n-th time, from 0; never, when there is no such time.
Nanoseconds begin_of(const TimelineEvent& event, std::uint64_t n) {
  if (n > 0 && (event.every.count() <= 0 || (event.times != 0 && n >= event.times)))
    return Nanoseconds::max();
  return event.at + static_cast<Nanoseconds::rep>(n) * event.every;
}

}  // namespace

Timeline::State Timeline::at(Nanoseconds now) const {
  State state;
  for (const TimelineEvent& event : events_) {
    const std::uint64_t n = begun(event, now);
    state.next_change = std::min(state.next_change, begin_of(event, n));
    if (n == 0 || event.kind == TimelineEvent::Kind::reset) continue;
    const Nanoseconds end = begin_of(event, n - 1) + event.lasts;
    if (now >= end) continue;
    state.next_change = std::min(state.next_change, end);
    switch (event.kind) {
      case TimelineEvent::Kind::stall:
        state.stalled_until = std::max(state.stalled_until.value_or(end), end);
        break;
      case TimelineEvent::Kind::outage_reset:
        state.outage_reset = true;
        break;
      case TimelineEvent::Kind::outage_503:
        state.outage_503 = true;
        break;
      case TimelineEvent::Kind::capacity:
        state.capacity = std::min(state.capacity.value_or(event.value), event.value);
        break;
      case TimelineEvent::Kind::reset:
        break;
    }
  }
  return state;
}

Timeline::Resets Timeline::resets(Nanoseconds after, Nanoseconds until) const {
  Resets found;
  for (const TimelineEvent& event : events_)
    if (event.kind == TimelineEvent::Kind::reset && begun(event, until) > begun(event, after))
      found.share = std::max(found.share, event.value);
  return found;
}

}  // namespace s1flow::loadgen::stub
