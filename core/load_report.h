#pragma once
// The section of a load test in a RunReport: everything that was seen, with whole histograms, so
// that runs can be merged exactly, compared and rendered without anything else. Written by
// append_json (run_report.h); schemas/report.schema.json describes it, docs/report.md says what the
// files beside it hold.
//
// Texts of ids and units stand beside every figure that a page or table shows, so whoever renders
// knows nothing of the engine. Plain values; no sharing.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/histogram.h"
#include "core/result.h"

namespace s1flow::report {

// The way of a request: `first` ends with the whole answer, or with the acknowledgement when an
// answer follows later; `transform` is the first round trip of a critical request; `answer` ends
// when the later answer has come. The times of each count from when the request was due.
enum class Leg : std::uint8_t { first, transform, answer };
inline constexpr std::size_t kLegs = 3;
inline constexpr std::array<std::string_view, kLegs> kLegNames{"first", "transform", "answer"};

// What has to come back before a request has ended well.
enum class Shape : std::uint8_t { one, judged, two, critical };
inline constexpr std::array<std::string_view, 4> kShapeNames{"one", "judged", "two", "critical"};

// An answer should have come within `limit`. The source is to be printed beside the number.
struct TargetTime {
  std::string generation;  // "SMETS1", "SMETS2+"
  Nanoseconds limit{};
  std::string source;
};

// Requests of one kind and User Role. Names may repeat: role and name together are unique.
struct LoadClass {
  std::string name;
  std::string srv;    // Service Reference Variant; empty: not a Service Request
  std::string title;  // of the variant
  std::string role;   // "IS", "GS" ...; empty: none
  Shape shape = Shape::one;
  std::vector<TargetTime> targets;  // empty: not known
};

struct LoadPhase {
  std::string name;
  bool measures = true;  // false: a warm-up, outside verdict and thresholds
  bool closed_loop = false;
  Nanoseconds start{};    // from the start of the run
  Nanoseconds planned{};  // how long it was to last
  Nanoseconds lasted{};
  std::uint64_t scheduled = 0;  // equals the sum of all outcomes of its records
};

struct LegTimes {
  Leg leg = Leg::first;
  Histogram response;  // from when it was due: what counts
  Histogram service;   // from when it was sent: the view that leaves waiting out
};

// One phase and class. Times of requests that ended well are in `legs`.
struct LoadRecord {
  std::uint64_t phase = 0;
  std::uint64_t klass = 0;
  std::uint64_t sent = 0;
  std::vector<std::uint64_t> outcomes;  // by place in Load::outcomes
  std::vector<LegTimes> legs;           // those that were seen, in the order of Leg
  Histogram failed;                     // response time of what was sent and did not end well
  Histogram lag;                        // sent - due, whoever is to blame
  Histogram own_lag;                    // the part of it that is the generator's

  [[nodiscard]] std::uint64_t ended() const;
  [[nodiscard]] const LegTimes* find(Leg leg) const;
  // The one that ends the request: the answer where there is one.
  [[nodiscard]] const LegTimes* last() const;
  void add(const LoadRecord& other);  // of the same outcomes
};

struct Named {
  std::string id;
  std::string title;
};
struct NamedCount {
  std::string id;
  std::string title;
  std::uint64_t count = 0;
};

// ---- over time

// Columns of one leg, a value a slot; zero where nothing was seen.
struct LegColumns {
  std::string leg;  // a name of Leg; or "whole": to the end of each request, whatever its legs
  std::vector<std::uint64_t> count;
  std::vector<Nanoseconds> p50, p90, p99, p999, max;  // response time
  std::vector<Nanoseconds> service_p50, service_p99;
};

// A cell of the heat map: how many requests ended well in a slot within a band of response time.
struct HeatCell {
  std::uint64_t slot = 0;
  std::uint64_t band = 0;
  std::uint64_t count = 0;
};

// All classes together, or one of them.
struct Series {
  std::vector<std::uint64_t> planned;  // due in the slot; 0 in closed loops
  std::vector<std::uint64_t> sent, ok, failed;
  std::vector<Nanoseconds> lag_p99, lag_max;
  std::vector<LegColumns> legs;  // of all classes "whole" first; of one class its own legs
  std::vector<HeatCell> heat;    // to the end of the request; in the overview only

  // To the end of the request; null when nothing was seen.
  [[nodiscard]] const LegColumns* whole() const;
};

struct Timeline {
  Nanoseconds step{};  // length of a slot; the last one may be shorter
  std::uint64_t slots = 0;
  Series all;
  std::vector<Series> classes;  // by place in Load::classes
};

// Bands of the heat map: kBandsPerDecade for every factor of ten, from 1 microsecond on; the first
// and the last take what lies beyond.
inline constexpr std::uint64_t kBandsPerDecade = 8;
inline constexpr std::uint64_t kBands = 77;
[[nodiscard]] std::uint64_t band_of(Nanoseconds time);
[[nodiscard]] Nanoseconds band_start(std::uint64_t band);

// ---- whether it can be trusted, and what it is worth

// One figure about the generator itself, and the limit from which on it spoils the run.
struct HealthFigure {
  std::string id;
  std::string title;
  std::string unit;  // "ms", "share", "count", "s"
  double seen = 0;
  std::optional<double> limit;  // none: for information
  bool holds = true;
};

struct ThresholdOutcome {
  std::string text;  // "class 4.8.1 answer p99 < 30 s"
  std::string unit;  // "ms" or "share": of limit and seen
  double limit = 0;
  std::optional<double> seen;  // none: nothing was answered
  bool held = false;
};

enum class Judgement : std::uint8_t { pass, missed, invalid, unreachable };
inline constexpr std::array<std::string_view, 4> kJudgementNames{"pass", "missed", "invalid",
                                                                 "unreachable"};

struct Load {
  // Conditions; what every run has stands in Conditions (run_report.h).
  std::string scenario;      // name
  std::string target;        // URL
  std::string started;       // wall clock, ISO 8601 UTC
  double start_seconds = 0;  // the same, since 1970
  std::uint64_t connections = 0;
  std::string tls;               // what was asked for: "any", "1.2", "1.3"; empty: plain
  std::string signing;           // "ahead", "inline", "corpus"; empty: not signed
  std::uint64_t generators = 1;  // more in a report that others were merged into
  Nanoseconds timeout{};
  Nanoseconds lasted{};  // from the first due time to the last end
  Nanoseconds cpu_user{}, cpu_system{};

  // what was seen
  std::vector<Named> outcomes;  // "ok" first
  std::vector<LoadClass> classes;
  std::vector<LoadPhase> phases;
  std::vector<LoadRecord> records;  // by phase and class; those with nothing in them left out
  Timeline seconds;                 // a second a slot; more in runs of over two hours
  Timeline overview;  // the same in kOverviewSlots at most, with percentiles of its own
  std::vector<NamedCount> connections_seen;
  std::vector<NamedCount> messages;  // at our receiver; empty when there was none
  std::vector<NamedCount> receiver;  // its connections and requests

  // what it is worth
  std::vector<HealthFigure> health;
  std::vector<ThresholdOutcome> thresholds;
  Judgement judgement = Judgement::pass;

  // All classes of the phases that measure.
  [[nodiscard]] LoadRecord measured() const;
};

// Slots of the overview at most, which is what a page can draw.
inline constexpr std::uint64_t kOverviewSlots = 300;
// Slots of `seconds` at most.
inline constexpr std::uint64_t kMostSeconds = 7200;

// ---- histograms.hlog: a line for each phase, class, figure and second. Its tag is
// "PHASE;CLASS;ROLE;FIGURE" with what a tag may not hold written as %XX; figures are LEG.response,
// LEG.service, failed and lag.
struct LogTag {
  std::string phase;
  std::string klass;
  std::string role;
  std::string figure;

  [[nodiscard]] std::string text() const;
  [[nodiscard]] static std::optional<LogTag> parse(std::string_view text);
  friend bool operator==(const LogTag&, const LogTag&) = default;
};

// The section's JSON object.
[[nodiscard]] std::string load_json(const Load& load);

}  // namespace s1flow::report
