#include "loadgen/load_report.h"

#include <algorithm>

#include <fmt/format.h>
#include <time.h>

#include "core/histogram_log.h"
#include "loadgen/duration.h"

namespace s1flow::loadgen {
namespace {

constexpr std::array<std::string_view, kOutcomes> kOutcomeTitles{
    "Ended well",
    "Answered in order, and the answer says no",
    "Redirect (never followed)",
    "HTTP 4xx",
    "HTTP 5xx",
    "Answer that is no HTTP",
    "Answer with bytes behind it",
    "Closed before the answer was whole",
    "Connection reset",
    "No whole answer in time",
    "Connection could not be made",
    "TLS refused",
    "Under way, or acknowledged, without its answer",
    "Could not be sent before its time ran out"};

constexpr std::array<std::string_view, 8> kFigures{"first.response",
                                                   "first.service",
                                                   "transform.response",
                                                   "transform.service",
                                                   "answer.response",
                                                   "answer.service",
                                                   "failed",
                                                   "lag"};

}  // namespace

report::LoadClass describe(const RequestClass& c) {
  report::LoadClass out{.name = c.name, .role = c.role};
  out.shape = static_cast<report::Shape>(c.legs);
  if (c.srv == nullptr) return out;
  out.srv = c.srv->variant;
  out.title = c.srv->name;
  // One that the scenario has set stands for all generations.
  const auto of_table = [&](Nanoseconds limit) {
    return !c.future_dated && (limit == c.srv->target_smets1 || limit == c.srv->target_smets2);
  };
  if (c.target.count() != 0 && !of_table(c.target)) {
    out.targets.push_back({"scenario", c.target, "set by the scenario"});
    return out;
  }
  // A future-dated request's time counts from its execution, which only the device knows.
  if (c.future_dated) return out;
  const auto add = [&](std::string_view generation, std::chrono::seconds limit) {
    if (limit.count() != 0)
      out.targets.push_back({std::string(generation), limit, std::string(kTargetTimeSource)});
  };
  add("SMETS1", c.srv->target_smets1);
  add("SMETS2+", c.srv->target_smets2);
  return out;
}
namespace {

static_assert(static_cast<int>(Legs::critical) == static_cast<int>(report::Shape::critical));

std::vector<report::LoadClass> describe_all(std::span<const RequestClass> classes) {
  std::vector<report::LoadClass> out;
  std::transform(classes.begin(), classes.end(), std::back_inserter(out), describe);
  return out;
}

report::LegTimes leg_times(report::Leg leg, const LegTimes& times) {
  return {leg, times.response, times.service};
}

report::LoadRecord record_of(std::size_t phase, std::size_t c, const ClassRecord& from) {
  report::LoadRecord to{.phase = phase, .klass = c, .sent = from.sent};
  to.outcomes.assign(from.outcomes.begin(), from.outcomes.end());
  if (!from.first.response.empty()) to.legs.push_back(leg_times(report::Leg::first, from.first));
  if (from.transform) to.legs.push_back(leg_times(report::Leg::transform, *from.transform));
  if (from.answer) to.legs.push_back(leg_times(report::Leg::answer, *from.answer));
  to.failed = from.failed;
  to.lag = from.lag;
  to.own_lag = from.own_lag;
  return to;
}

std::vector<report::HealthFigure> health_of(const Scenario& scenario, const RunResult& result) {
  const Health& h = result.health;
  const ValidityLimits& limits = scenario.validity;
  std::vector<report::HealthFigure> out;
  const auto share = [](double part, double whole) { return whole <= 0 ? 0.0 : part / whole; };
  const auto of_watched = [&](Nanoseconds part) {
    return share(seconds_of(part), seconds_of(h.watched));
  };
  const auto add = [&](std::string_view id, std::string_view title, std::string_view unit,
                       double seen, std::optional<double> limit) {
    out.push_back({std::string(id), std::string(title), std::string(unit), seen, limit,
                   !limit || seen <= *limit});
  };
  Histogram own_lag;
  bool open_loop = false;
  std::uint64_t sent = 0;
  for (std::size_t p = 0; p < result.phases.size(); ++p) {
    const Phase& phase = scenario.plan.phases()[p];
    const ClassRecord total = result.recorder.total(p);
    sent += total.sent;
    if (phase.kind != PhaseKind::measure) continue;
    own_lag.add(total.own_lag);
    open_loop = open_loop || !phase.schedule->closed();
  }
  // In a closed loop being busy is what it is for.
  const auto if_open = [&](double limit) {
    return open_loop ? std::optional<double>(limit) : std::nullopt;
  };
  add("own_lag_p99", "Sent late by the generator itself, p99", "ms",
      milliseconds_of(own_lag.percentile(99)), if_open(milliseconds_of(limits.own_lag_p99)));
  add("busy", "Busy, of the busiest thread's time", "share", of_watched(h.busy),
      if_open(limits.busy_share));
  add("run_delay", "Waited for a processor", "share", of_watched(h.run_delay),
      limits.run_delay_share);
  add("late", "Woke up late", "share", of_watched(h.late), limits.late_share);
  // A standstill of just the limit is one.
  add("stall", "Longest standstill", "ms", milliseconds_of(h.worst_stall),
      milliseconds_of(limits.stall));
  out.back().holds = h.worst_stall < limits.stall;
  add("socket_limits", "Sockets or ports that the system refused", "count",
      static_cast<double>(h.socket_limits), 0.0);
  add("clock_step", "Step of the wall clock", "ms", milliseconds_of(result.wall_step),
      milliseconds_of(limits.clock_step));
  add("suspended", "Machine asleep", "ms", milliseconds_of(result.suspended),
      milliseconds_of(limits.clock_step));
  if (scenario.duis && scenario.duis->signing == Signing::ahead)
    add("unsigned", "Due before they were signed", "share",
        share(static_cast<double>(result.unsigned_in_time), static_cast<double>(sent)),
        limits.unsigned_share);
  add("watched", "Watched", "s", seconds_of(h.watched), std::nullopt);
  return out;
}

report::ThresholdOutcome threshold_of(const ThresholdResult& r) {
  const bool time = r.threshold.form == Threshold::Form::percentile;
  report::ThresholdOutcome out{
      .text = r.threshold.text(),
      .unit = time ? "ms" : "share",
      .limit = time ? milliseconds_of(r.threshold.limit) : r.threshold.share,
      .held = r.held};
  // No time at all is what is seen of nothing.
  if (r.held || !time || r.seen != 0) out.seen = r.seen;
  return out;
}

std::vector<report::NamedCount> connections_of(const RunResult& r) {
  return {{"opened", "Connections opened", r.connections_opened},
          {"failed", "Connections that could not be made", r.connections_failed},
          {"lost", "Closed by the peer while idle", r.connections_lost},
          {"tls_resumed", "TLS sessions resumed", r.tls_resumed}};
}

std::vector<report::NamedCount> messages_of(const JoinCounts& j) {
  return {{"answers", "Answers to our requests", j.answers},
          {"duplicates", "Duplicates of answers", j.duplicates},
          {"late", "Late: the request had been given up", j.late},
          {"unknown", "Answers to no request of ours", j.unknown},
          {"unsolicited", "Unsolicited: answers of schedules", j.unsolicited},
          {"device_alerts", "Alerts of devices", j.device_alerts},
          {"dcc_alerts", "Alerts of the DCC", j.dcc_alerts},
          {"alerts_stand_for", "Alerts, throttled ones as what they stand for", j.alerts_stand_for},
          {"unreadable", "Unreadable", j.unreadable}};
}

std::vector<report::NamedCount> receiver_of(const ListenerCounts& l) {
  return {{"accepted", "Connections accepted", l.accepted},
          {"refused", "Connections refused", l.refused},
          {"requests", "Requests", l.requests},
          {"bad_requests", "Requests that broke the rules of HTTP", l.bad_requests},
          {"timed_out", "Connections that took too long", l.timed_out},
          {"broken", "Connections that broke off", l.broken}};
}

std::string iso_time(double seconds_since_1970) {
  if (seconds_since_1970 <= 0) return {};
  const auto whole = static_cast<std::time_t>(seconds_since_1970);
  std::tm civil{};
  ::gmtime_r(&whole, &civil);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", civil.tm_year + 1900, civil.tm_mon + 1,
                     civil.tm_mday, civil.tm_hour, civil.tm_min, civil.tm_sec);
}

}  // namespace

LoadReporter::LoadReporter(const Scenario& scenario, std::span<const RequestClass> classes)
    : scenario_(scenario),
      classes_(classes),
      described_(describe_all(classes)),
      timeline_(described_, scenario.plan.end()) {
  for (const Phase& phase : scenario.plan.phases())
    for (const RequestClass& c : classes) {
      auto& tags = tags_.emplace_back();
      for (std::size_t i = 0; i < tags.size(); ++i)
        tags[i] = report::LogTag{phase.name, c.name, c.role, std::string(kFigures[i])}.text();
    }
}

void LoadReporter::see(const Interval& interval) {
  for (std::size_t p = 0; p < interval.phases(); ++p)
    for (std::size_t c = 0; c < interval.classes(); ++c) {
      const IntervalClass* seen = interval.find(p, c);
      if (seen == nullptr || seen->empty()) continue;
      report::SecondOfClass second{
          .sent = seen->sent, .ok = seen->ok, .failed = seen->failed, .lag = &seen->lag};
      second.legs[0] = {&seen->first.response, &seen->first.service};
      if (seen->transform) second.legs[1] = {&seen->transform->response, &seen->transform->service};
      if (seen->answer) second.legs[2] = {&seen->answer->response, &seen->answer->service};
      timeline_.add(interval.second, c, second);
    }
}

void LoadReporter::append_log_lines(std::string& out, const Interval& interval) const {
  const Nanoseconds length = std::chrono::seconds(1);
  const Nanoseconds start = length * static_cast<Nanoseconds::rep>(interval.second);
  for (std::size_t p = 0; p < interval.phases(); ++p)
    for (std::size_t c = 0; c < interval.classes(); ++c) {
      const IntervalClass* seen = interval.find(p, c);
      if (seen == nullptr) continue;
      const auto& tags = tags_[p * interval.classes() + c];
      const auto add = [&](std::size_t figure, const Histogram& h) {
        if (!h.empty()) append_log_line(out, tags[figure], start, length, h);
      };
      const LegTimes* legs[] = {&seen->first, seen->transform.get(), seen->answer.get()};
      for (std::size_t leg = 0; leg < std::size(legs); ++leg) {
        if (legs[leg] == nullptr) continue;
        add(leg * 2, legs[leg]->response);
        add(leg * 2 + 1, legs[leg]->service);
      }
      add(6, seen->failed_times);
      add(7, seen->lag);
    }
}

report::Load LoadReporter::finish(const RunResult& result, const Verdict& verdict) {
  report::Load l;
  l.scenario = scenario_.name;
  l.target = scenario_.url;
  l.started = iso_time(result.start_seconds);
  l.start_seconds = result.start_seconds;
  l.connections = scenario_.engine.connections;
  if (scenario_.engine.tls) {
    constexpr std::string_view kVersions[] = {"any", "1.2", "1.3"};
    l.tls = kVersions[static_cast<std::size_t>(scenario_.engine.tls->version)];
  }
  if (scenario_.duis) l.signing = name_of(scenario_.duis->signing);
  l.timeout = scenario_.engine.timeout;
  l.lasted = result.duration;
  l.cpu_user = result.cpu_user;
  l.cpu_system = result.cpu_system;
  for (std::size_t i = 0; i < kOutcomes; ++i)
    l.outcomes.push_back({std::string(kOutcomeNames[i]), std::string(kOutcomeTitles[i])});
  l.classes = std::move(described_);
  for (std::size_t p = 0; p < result.phases.size(); ++p) {
    const Phase& phase = scenario_.plan.phases()[p];
    l.phases.push_back({.name = phase.name,
                        .measures = phase.kind == PhaseKind::measure,
                        .closed_loop = phase.schedule->closed(),
                        .start = phase.start,
                        .planned = phase.duration,
                        .lasted = result.phases[p].duration,
                        .scheduled = result.phases[p].scheduled});
    for (std::size_t c = 0; c < classes_.size(); ++c)
      if (const ClassRecord* record = result.recorder.find(p, c))
        l.records.push_back(record_of(p, c, *record));
  }
  const auto step = static_cast<std::uint64_t>(result.due.step() / std::chrono::seconds(1));
  for (std::size_t slot = 0; slot < result.due.slots(); ++slot)
    for (std::size_t c = 0; c < classes_.size(); ++c)
      if (const std::uint64_t due = result.due.at(slot, c); due != 0)
        timeline_.add_planned(slot * step, c, due);
  timeline_.finish(l.seconds, l.overview);
  l.connections_seen = connections_of(result);
  if (scenario_.engine.join) {
    l.messages = messages_of(result.join);
    l.receiver = receiver_of(result.listener);
  }
  l.health = health_of(scenario_, result);
  for (const ThresholdResult& r : verdict.thresholds) l.thresholds.push_back(threshold_of(r));
  l.judgement = static_cast<report::Judgement>(verdict.kind);
  return l;
}

}  // namespace s1flow::loadgen
