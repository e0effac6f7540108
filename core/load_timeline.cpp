#include "core/load_timeline.h"

#include <algorithm>

#include "core/check.h"

namespace s1flow::report {
namespace {

constexpr Nanoseconds kSecond = std::chrono::seconds(1);

// Whole seconds, so that a second never falls into two slots.
Nanoseconds step_for(Nanoseconds planned, std::uint64_t most) {
  const auto all = static_cast<std::uint64_t>((planned + kSecond - Nanoseconds{1}) / kSecond);
  return kSecond *
         static_cast<Nanoseconds::rep>(std::max<std::uint64_t>(1, (all + most - 1) / most));
}

// Whole slots of the finer timeline.
Nanoseconds overview_step(Nanoseconds planned) {
  const Nanoseconds fine = timeline_step(planned);
  const Nanoseconds step = step_for(planned, kOverviewSlots);
  return (step + fine - Nanoseconds{1}) / fine * fine;
}

struct Times {
  Histogram response;
  Histogram service;
};

// What one slot of one series has seen so far. Histograms are made when first needed.
struct Open {
  std::uint64_t sent = 0, ok = 0, failed = 0;
  std::array<std::unique_ptr<Times>, kLegs + 1> legs;  // the last is "whole"
  std::unique_ptr<Histogram> lag;

  void add_times(std::size_t leg, const SecondOfClass::Times& seen) {
    if (seen.response == nullptr || seen.response->empty()) return;
    if (!legs[leg]) legs[leg] = std::make_unique<Times>();
    legs[leg]->response.add(*seen.response);
    if (seen.service != nullptr) legs[leg]->service.add(*seen.service);
  }
  void add_counts(const SecondOfClass& seen) {
    sent += seen.sent;
    ok += seen.ok;
    failed += seen.failed;
    if (seen.lag == nullptr || seen.lag->empty()) return;
    if (!lag) lag = std::make_unique<Histogram>();
    lag->add(*seen.lag);
  }
  void clear() {
    sent = ok = failed = 0;
    for (auto& times : legs) {
      if (!times) continue;
      times->response.clear();
      times->service.clear();
    }
    if (lag) lag->clear();
  }
};

constexpr std::size_t kWhole = kLegs;

std::string leg_name(std::size_t leg) {
  return leg == kWhole ? "whole" : std::string(kLegNames[leg]);
}

template <typename Column>
void grow(Column& column, std::size_t slots) {
  if (column.size() < slots) column.resize(slots);
}

void grow_all(Series& s, std::size_t slots) {
  for (auto* column : {&s.planned, &s.sent, &s.ok, &s.failed}) grow(*column, slots);
  for (auto* column : {&s.lag_p99, &s.lag_max}) grow(*column, slots);
  for (LegColumns& c : s.legs) {
    grow(c.count, slots);
    for (auto* column : {&c.p50, &c.p90, &c.p99, &c.p999, &c.max, &c.service_p50, &c.service_p99})
      grow(*column, slots);
  }
}

LegColumns& columns_of(Series& s, std::size_t leg) {
  const std::string name = leg_name(leg);
  for (LegColumns& columns : s.legs)
    if (columns.leg == name) return columns;
  s.legs.emplace_back().leg = name;
  return s.legs.back();
}

void add_heat(std::vector<HeatCell>& to, std::uint64_t slot, const Histogram& h) {
  std::array<std::uint64_t, kBands> bands{};
  const auto counts = h.counts();
  std::uint64_t band = 0;
  for (std::size_t i = Histogram::index_of(h.min().count()); i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const Nanoseconds value{Histogram::lowest_of(i)};
    while (band + 1 < kBands && band_start(band + 1) <= value) ++band;
    bands[band] += counts[i];
  }
  for (std::uint64_t b = 0; b < kBands; ++b)
    if (bands[b] != 0) to.push_back({slot, b, bands[b]});
}

}  // namespace

class TimelineMaker::Slots {
 public:
  Slots(const std::vector<LoadClass>& classes, Nanoseconds step, bool heat)
      : step_seconds_(static_cast<std::uint64_t>(step / kSecond)),
        heat_(heat),
        open_(classes.size() + 1),
        later_(classes.size()) {
    timeline_.step = step;
    timeline_.classes.resize(classes.size());
    for (std::size_t c = 0; c < classes.size(); ++c) {
      later_[c] = classes[c].shape >= Shape::two;
      any_later_ = any_later_ || later_[c];
    }
  }

  void add(std::uint64_t second, std::size_t c, const SecondOfClass& seen) {
    const std::uint64_t slot = second / step_seconds_;
    if (slot > slot_) close(slot);
    any_ = true;
    Open& one = open_[c + 1];
    Open& all = open_[0];
    one.add_counts(seen);
    all.add_counts(seen);
    for (std::size_t leg = 0; leg < kLegs; ++leg) {
      one.add_times(leg, seen.legs[leg]);
      if (any_later_) all.add_times(leg, seen.legs[leg]);
    }
    all.add_times(kWhole, seen.legs[last_leg(c)]);
  }

  void add_planned(std::uint64_t second, std::size_t c, std::uint64_t count) {
    const std::uint64_t slot = second / step_seconds_;
    for (Series* s : {&timeline_.all, &timeline_.classes[c]}) {
      if (s->planned.size() <= slot) s->planned.resize(slot + 1);
      s->planned[slot] += count;
    }
    planned_until_ = std::max(planned_until_, slot + 1);
  }

  Timeline finish() {
    if (any_) close(slot_ + 1);
    timeline_.slots = std::max(slot_, planned_until_);
    grow_all(timeline_.all, timeline_.slots);
    for (Series& s : timeline_.classes) grow_all(s, timeline_.slots);
    return std::move(timeline_);
  }

 private:
  void close(std::uint64_t next) {
    close(timeline_.all, open_[0], kWhole);
    for (std::size_t c = 0; c < timeline_.classes.size(); ++c)
      close(timeline_.classes[c], open_[c + 1], last_leg(c));
    slot_ = next;
  }

  [[nodiscard]] std::size_t last_leg(std::size_t c) const {
    return static_cast<std::size_t>(later_[c] != 0 ? Leg::answer : Leg::first);
  }

  static bool seen(const Open& from, std::size_t leg) {
    return from.legs[leg] && !from.legs[leg]->response.empty();
  }

  // `last` ends a request of the series.
  void close(Series& to, Open& from, std::size_t last) {
    const std::size_t at = slot_;
    for (const std::size_t leg : {kWhole, std::size_t{0}, std::size_t{1}, std::size_t{2}})
      if (seen(from, leg)) (void)columns_of(to, leg);
    grow_all(to, at + 1);
    to.sent[at] = from.sent;
    to.ok[at] = from.ok;
    to.failed[at] = from.failed;
    if (from.lag) {
      to.lag_p99[at] = from.lag->percentile(99);
      to.lag_max[at] = from.lag->max();
    }
    for (std::size_t leg = 0; leg <= kWhole; ++leg) {
      if (!seen(from, leg)) continue;
      const auto& times = from.legs[leg];
      LegColumns& c = columns_of(to, leg);
      c.count[at] = times->response.count();
      c.p50[at] = times->response.percentile(50);
      c.p90[at] = times->response.percentile(90);
      c.p99[at] = times->response.percentile(99);
      c.p999[at] = times->response.percentile(99.9);
      c.max[at] = times->response.max();
      c.service_p50[at] = times->service.percentile(50);
      c.service_p99[at] = times->service.percentile(99);
    }
    if (heat_ && seen(from, last)) add_heat(to.heat, slot_, from.legs[last]->response);
    from.clear();
  }

  std::uint64_t step_seconds_;
  bool heat_;
  std::vector<Open> open_;   // all classes, then each
  std::vector<char> later_;  // by class: its answer comes later
  bool any_later_ = false;
  bool any_ = false;
  std::uint64_t slot_ = 0;
  std::uint64_t planned_until_ = 0;
  Timeline timeline_;
};

Nanoseconds timeline_step(Nanoseconds planned) {
  return step_for(planned, kMostSeconds);
}

TimelineMaker::TimelineMaker(const std::vector<LoadClass>& classes, Nanoseconds planned)
    : seconds_(std::make_unique<Slots>(classes, timeline_step(planned), false)),
      overview_(std::make_unique<Slots>(classes, overview_step(planned), true)) {}
TimelineMaker::~TimelineMaker() = default;
TimelineMaker::TimelineMaker(TimelineMaker&&) noexcept = default;
TimelineMaker& TimelineMaker::operator=(TimelineMaker&&) noexcept = default;

void TimelineMaker::add(std::uint64_t second, std::size_t c, const SecondOfClass& seen) {
  seconds_->add(second, c, seen);
  overview_->add(second, c, seen);
}

void TimelineMaker::add_planned(std::uint64_t second, std::size_t c, std::uint64_t count) {
  seconds_->add_planned(second, c, count);
  overview_->add_planned(second, c, count);
}

void TimelineMaker::finish(Timeline& seconds, Timeline& overview) {
  seconds = seconds_->finish();
  overview = overview_->finish();
}

}  // namespace s1flow::report
