// merge_logs of loadgen/merge.h.

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "core/check.h"
#include "core/histogram_log.h"
#include "core/load_timeline.h"
#include "core/text.h"
#include "loadgen/merge.h"

namespace s1flow::loadgen {
namespace {

using report::Leg;
using report::Load;
using report::LogTag;

constexpr Nanoseconds kSecond = std::chrono::seconds(1);

// In the order in which one recorder writes them.
constexpr std::array<std::string_view, 2 * report::kLegs + 2> kFigures{"first.response",
                                                                       "first.service",
                                                                       "transform.response",
                                                                       "transform.service",
                                                                       "answer.response",
                                                                       "answer.service",
                                                                       "failed",
                                                                       "lag"};
constexpr std::size_t kFailed = 6;
constexpr std::size_t kLag = 7;

// phase, class, figure: where a line belongs within its second.
using Place = std::tuple<std::size_t, std::size_t, std::size_t>;

class PlaceFinder {
 public:
  explicit PlaceFinder(const Load& load) : load_(load) {}
  [[nodiscard]] std::optional<Place> find(const std::string& text) {
    const auto known = known_.find(text);
    if (known != known_.end()) return known->second;
    const auto place = look(text);
    if (place) known_.emplace(text, *place);
    return place;
  }

 private:
  [[nodiscard]] std::optional<Place> look(const std::string& text) const {
    const auto tag = LogTag::parse(text);
    if (!tag) return std::nullopt;
    const auto phase = std::find_if(load_.phases.begin(), load_.phases.end(),
                                    [&](const auto& p) { return p.name == tag->phase; });
    const auto klass = std::find_if(load_.classes.begin(), load_.classes.end(), [&](const auto& c) {
      return c.name == tag->klass && c.role == tag->role;
    });
    const auto figure = std::find(kFigures.begin(), kFigures.end(), tag->figure);
    if (phase == load_.phases.end() || klass == load_.classes.end() || figure == kFigures.end())
      return std::nullopt;
    return Place{phase - load_.phases.begin(), klass - load_.classes.begin(),
                 figure - kFigures.begin()};
  }
  const Load& load_;
  std::map<std::string, Place> known_;
};

// One log with its next line at hand, and what was read of it so far.
class Source {
 public:
  static Result<Source> open(const StoredRun& run) {
    auto reader = HistogramLogReader::open(run.log);
    if (!reader)
      return tl::unexpected(usage_error(
          fmt::format("{}: runs are merged second by second, which needs the histograms.hlog "
                      "that 's1flow load -o' wrote beside report.json",
                      reader.error().message())));
    Source source(*std::move(reader), run);
    S1FLOW_TRY_VOID(source.advance());
    return source;
  }
  [[nodiscard]] const std::optional<LogLine>& line() const { return line_; }
  [[nodiscard]] Status advance() {
    S1FLOW_TRY(std::optional<LogLine> next, reader_.next());
    if (next && line_ && next->start < line_->start)
      return tl::unexpected(reader_.fault("its seconds go back"));
    line_ = std::move(next);
    return {};
  }
  [[nodiscard]] Error fault(std::string_view why) const { return reader_.fault(why); }
  void count(Place place, std::uint64_t values) { counts_[place] += values; }

  // The log and the report tell of the same requests.
  [[nodiscard]] Status check_counts() const {
    const Load& load = *run_->report.load;
    std::uint64_t of_report = 0;
    std::uint64_t of_log = 0;
    for (const report::LoadRecord& r : load.records)
      for (const report::LegTimes& leg : r.legs) {
        of_report += leg.response.count();
        const auto found = counts_.find({r.phase, r.klass, 2 * static_cast<std::size_t>(leg.leg)});
        if (found != counts_.end()) of_log += found->second;
      }
    if (of_report == of_log) return {};
    return tl::unexpected(usage_error(fmt::format(
        "{}: holds {} times where report.json has {}: the two files are not of one run, or the "
        "log is cut; copy the folder again from where it was written",
        run_->log.string(), of_log, of_report)));
  }

 private:
  Source(HistogramLogReader reader, const StoredRun& run)
      : reader_(std::move(reader)), run_(&run) {}
  HistogramLogReader reader_;
  const StoredRun* run_;
  std::optional<LogLine> line_;
  std::map<Place, std::uint64_t> counts_;
};

struct Line {
  std::string tag;
  Nanoseconds length{0};
  Histogram sum;
};

// All lines of one second, added up.
using Lines = std::map<Place, Line>;

Result<Lines> lines_of(std::vector<Source>& sources, PlaceFinder& places, Nanoseconds start) {
  Lines lines;
  for (Source& source : sources)
    while (source.line() && source.line()->start == start) {
      const LogLine& from = *source.line();
      const auto place = places.find(from.tag);
      if (!place)
        return tl::unexpected(source.fault(
            fmt::format("'{}' is no phase, class and figure of its report", shown(from.tag))));
      source.count(*place, from.histogram.count());
      Line& to = lines[*place];
      to.tag = from.tag;
      to.length = std::max(to.length, from.length);
      to.sum.add(from.histogram);
      S1FLOW_TRY_VOID(source.advance());
    }
  return lines;
}

void add_second(report::TimelineMaker& timeline, std::uint64_t second, const Lines& lines) {
  for (auto it = lines.begin(); it != lines.end();) {
    const auto [phase, klass, figure] = it->first;
    report::SecondOfClass seen;
    for (; it != lines.end() && std::get<0>(it->first) == phase && std::get<1>(it->first) == klass;
         ++it) {
      const std::size_t what = std::get<2>(it->first);
      const Histogram* sum = &it->second.sum;
      if (what == kLag)
        seen.lag = sum;
      else if (what != kFailed)
        (what % 2 == 0 ? seen.legs[what / 2].response : seen.legs[what / 2].service) = sum;
    }
    timeline.add(second, klass, seen);
  }
}

template <typename Column>
void add_column(Column& to, const Column& from) {
  if (to.size() < from.size()) to.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) to[i] += from[i];
}

// What is counted needs no histograms.
void add_counts(report::Series& to, const report::Series& from) {
  add_column(to.planned, from.planned);
  add_column(to.sent, from.sent);
  add_column(to.ok, from.ok);
  add_column(to.failed, from.failed);
}

// All columns as long as there are slots.
void fit(report::Series& s, std::uint64_t slots) {
  for (auto* column : {&s.planned, &s.sent, &s.ok, &s.failed}) column->resize(slots);
  for (auto* column : {&s.lag_p99, &s.lag_max}) column->resize(slots);
  for (report::LegColumns& c : s.legs) {
    c.count.resize(slots);
    for (auto* column : {&c.p50, &c.p90, &c.p99, &c.p999, &c.max, &c.service_p50, &c.service_p99})
      column->resize(slots);
  }
}

void add_counts(report::Timeline& to, std::span<const StoredRun> runs,
                report::Timeline Load::*timeline) {
  for (auto* column : {&to.all.planned, &to.all.sent, &to.all.ok, &to.all.failed}) column->clear();
  for (report::Series& s : to.classes)
    for (auto* column : {&s.planned, &s.sent, &s.ok, &s.failed}) column->clear();
  for (const StoredRun& run : runs) {
    const report::Timeline& from = (*run.report.load).*timeline;
    to.slots = std::max(to.slots, from.slots);
    add_counts(to.all, from.all);
    for (std::size_t c = 0; c < std::min(to.classes.size(), from.classes.size()); ++c)
      add_counts(to.classes[c], from.classes[c]);
  }
  fit(to.all, to.slots);
  for (report::Series& s : to.classes) fit(s, to.slots);
}

Nanoseconds planned_of(const Load& load) {
  Nanoseconds end{0};
  for (const report::LoadPhase& p : load.phases) end = std::max(end, p.start + p.planned);
  return end;
}

}  // namespace

Status merge_logs(std::span<const StoredRun> runs, RunReport& merged,
                  const std::function<Status(std::string_view)>& write) {
  S1FLOW_CHECK(merged.load.has_value());
  Load& load = *merged.load;
  std::vector<Source> sources;
  for (const StoredRun& run : runs) {
    S1FLOW_TRY(Source source, Source::open(run));
    sources.push_back(std::move(source));
  }
  PlaceFinder places(load);
  report::TimelineMaker timeline(load.classes, planned_of(load));
  std::string text;
  append_log_head(text, "times in nanoseconds, by s1flow load; merged by s1flow merge",
                  load.start_seconds);
  S1FLOW_TRY_VOID(write(text));
  for (;;) {
    std::optional<Nanoseconds> next;
    for (const Source& source : sources)
      if (source.line() && (!next || source.line()->start < *next)) next = source.line()->start;
    if (!next) break;
    S1FLOW_TRY(const Lines lines, lines_of(sources, places, *next));
    text.clear();
    for (const auto& [place, line] : lines)
      append_log_line(text, line.tag, *next, line.length, line.sum);
    S1FLOW_TRY_VOID(write(text));
    add_second(timeline, static_cast<std::uint64_t>(*next / kSecond), lines);
  }
  for (const Source& source : sources) S1FLOW_TRY_VOID(source.check_counts());
  timeline.finish(load.seconds, load.overview);
  add_counts(load.seconds, runs, &Load::seconds);
  add_counts(load.overview, runs, &Load::overview);
  return {};
}

}  // namespace s1flow::loadgen
