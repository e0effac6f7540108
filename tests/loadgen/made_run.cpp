#include "tests/loadgen/made_run.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "core/check.h"
#include "core/histogram_log.h"
#include "core/load_timeline.h"
#include "core/random.h"

namespace s1flow::loadgen {
namespace {

using namespace report;
using std::chrono::seconds;

constexpr std::uint64_t kClasses = 2;

struct Second {
  std::uint64_t sent = 0, ok = 0, failed = 0;
  std::array<LegTimes, kLegs> legs;
  Histogram failed_times, lag;
};

LoadRecord& record_at(std::vector<LoadRecord>& records, std::size_t phase, std::size_t klass) {
  const auto it = std::find_if(records.begin(), records.end(), [&](const LoadRecord& r) {
    return std::pair(r.phase, r.klass) >= std::pair<std::uint64_t, std::uint64_t>(phase, klass);
  });
  if (it != records.end() && it->phase == phase && it->klass == klass) return *it;
  LoadRecord fresh{.phase = phase, .klass = klass};
  fresh.outcomes.resize(2);
  return *records.insert(it, std::move(fresh));
}

void record_leg(LoadRecord& r, Leg leg, Nanoseconds response, Nanoseconds lag) {
  LoadRecord one;
  one.legs.push_back({leg, {}, {}});
  one.legs.back().response.record(response);
  one.legs.back().service.record(response - lag);
  r.add(one);
}

}  // namespace

std::vector<MadeRequest> made_requests(std::uint64_t seed, std::uint64_t seconds,
                                       std::uint64_t per_second, double slower) {
  std::vector<MadeRequest> out;
  Random random(seed);
  const auto time = [&](double scale) {
    return Nanoseconds{
        static_cast<std::int64_t>(scale * (1 + random.unit()) / std::sqrt(1 - random.unit()))};
  };
  for (std::uint64_t second = 0; second < kMadeWarmUp + seconds; ++second)
    for (std::uint64_t i = 0; i < per_second; ++i) {
      const bool measured = second >= kMadeWarmUp;
      const double factor = measured ? slower : 1;
      MadeRequest r{.phase = measured ? 1U : 0U,
                    .klass = random.below(kClasses),
                    .second = second,
                    .ok = !random.chance(0.01)};
      r.lag = time(2'000);
      r.first = r.lag + time(800'000 * factor);
      r.answer = r.first + time(5'000'000 * factor);
      out.push_back(r);
    }
  return out;
}

StoredRun made_run(const std::filesystem::path& folder, const std::vector<MadeRequest>& requests,
                   std::uint64_t length) {
  std::filesystem::create_directories(folder);
  StoredRun run{
      .name = folder.filename().string(), .report = {}, .log = folder / "histograms.hlog"};
  run.report.kind = Kind::load;
  run.report.program.version = "0.0.0";
  run.report.machine.cpu = "a processor";
  run.report.run.seed = 7;
  Load& l = run.report.load.emplace();
  l.scenario = "made up";
  l.target = "http://127.0.0.1:1/";
  l.started = "2026-01-01T00:00:00Z";
  l.start_seconds = 1'767'225'600;
  l.connections = 4;
  l.outcomes = {{"ok", "Ended well"}, {"timeout", "No whole answer in time"}};
  l.classes = {
      {.name = "read", .srv = "", .title = "", .role = "IS", .shape = Shape::one, .targets = {}},
      {.name = "write", .srv = "", .title = "", .role = "", .shape = Shape::two, .targets = {}}};
  const auto warm_up = seconds(kMadeWarmUp);
  const auto measured = seconds(length);
  l.phases = {{.name = "warm up", .measures = false, .planned = warm_up, .lasted = warm_up},
              {.name = "measure", .start = warm_up, .planned = measured, .lasted = measured}};
  l.lasted = warm_up + measured;
  l.connections_seen = {{"opened", "Connections opened", 4}};
  l.health = {{"busy", "Busy", "share", 0.25, 0.95, true},
              {"stall", "Standstill", "ms", 1, 100.0, true}};
  l.thresholds = {{"phase measure class write answer p99 < 400 ms", "ms", 400, std::nullopt, false},
                  {"errors < 2 %", "share", 0.02, std::nullopt, false},
                  {"within 5 ms > 50 %", "share", 0.5, std::nullopt, false}};
  TimelineMaker timeline(l.classes, l.lasted);
  std::map<std::tuple<std::uint64_t, std::size_t, std::size_t>, Second> by_second;
  for (const MadeRequest& r : requests) {
    ++l.phases[r.phase].scheduled;
    timeline.add_planned(r.second, r.klass, 1);
    LoadRecord& record = record_at(l.records, r.phase, r.klass);
    Second& second = by_second[{r.second, r.phase, r.klass}];
    ++record.sent;
    ++second.sent;
    ++record.outcomes[r.ok ? 0 : 1];
    record.lag.record(r.lag);
    record.own_lag.record(r.lag / 2);
    second.lag.record(r.lag);
    if (!r.ok) {
      ++second.failed;
      record.failed.record(r.first);
      second.failed_times.record(r.first);
      continue;
    }
    ++second.ok;
    const auto leg = [&](Leg which, Nanoseconds response) {
      record_leg(record, which, response, r.lag);
      LegTimes& to = second.legs[static_cast<std::size_t>(which)];
      to.response.record(response);
      to.service.record(response - r.lag);
    };
    leg(Leg::first, r.first);
    if (r.klass == 1) leg(Leg::answer, r.answer);
  }
  std::string log;
  append_log_head(log, "times in nanoseconds, made up", l.start_seconds);
  for (const auto& [at, s] : by_second) {
    const auto [second, phase, klass] = at;
    SecondOfClass seen{.sent = s.sent, .ok = s.ok, .failed = s.failed, .lag = &s.lag};
    const auto line = [&, phase = phase, klass = klass, second = second](const std::string& figure,
                                                                         const Histogram& h) {
      if (h.empty()) return;
      const LogTag tag{l.phases[phase].name, l.classes[klass].name, l.classes[klass].role, figure};
      append_log_line(log, tag.text(), seconds(second), seconds(1), h);
    };
    for (std::size_t leg = 0; leg < kLegs; ++leg) {
      seen.legs[leg] = {&s.legs[leg].response, &s.legs[leg].service};
      line(std::string(kLegNames[leg]) + ".response", s.legs[leg].response);
      line(std::string(kLegNames[leg]) + ".service", s.legs[leg].service);
    }
    line("failed", s.failed_times);
    line("lag", s.lag);
    timeline.add(second, klass, seen);
  }
  timeline.finish(l.seconds, l.overview);
  S1FLOW_CHECK(write_whole(run.log, log, Overwrite::yes));
  return run;
}

}  // namespace s1flow::loadgen
