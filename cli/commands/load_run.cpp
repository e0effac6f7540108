#include "cli/commands/load_run.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/commands/load_folder.h"
#include "core/histogram_log.h"
#include "loadgen/capacity.h"
#include "loadgen/duration.h"
#include "loadgen/metrics.h"
#include "loadgen/net/metrics_server.h"
#include "loadgen/profiles/registry.h"
#include "loadgen/result_json.h"

namespace s1flow::cli {
namespace {

using namespace loadgen;

ExitCode exit_code_of(const Verdict& verdict) {
  switch (verdict.kind) {
    case VerdictKind::pass:
      return ExitCode::fine;
    case VerdictKind::missed:
      return ExitCode::no;
    case VerdictKind::unreachable:
      return ExitCode::io;
    case VerdictKind::invalid:
      return ExitCode::invalid_run;
  }
  return ExitCode::internal;
}

Result<std::optional<OutputFile>> open_log(const LoadOutputs& outputs) {
  std::optional<OutputFile> log;
  if (!outputs.hlog.empty()) {
    S1FLOW_TRY(log, OutputFile::create(outputs.hlog, outputs.overwrite));
  }
  return log;
}

std::string log_lines(std::span<const RequestClass> classes, const Interval& interval) {
  std::string lines;
  const Nanoseconds second = std::chrono::seconds(1);
  const auto start = static_cast<Nanoseconds::rep>(interval.second) * second;
  // A class of several roles is one line.
  for (std::size_t c = 0; c < classes.size(); ++c) {
    Histogram sum;
    const bool first = std::none_of(classes.begin(), classes.begin() + static_cast<long>(c),
                                    [&](const auto& o) { return o.name == classes[c].name; });
    for (std::size_t other = first ? c : classes.size(); other < classes.size(); ++other)
      for (std::size_t p = 0; p < interval.phases(); ++p)
        if (const IntervalClass* seen = interval.find(p, other);
            seen != nullptr && classes[other].name == classes[c].name)
          if (const LegTimes* last = seen->last(classes[other].two_legs())) sum.add(last->response);
    if (!sum.empty()) append_log_line(lines, classes[c].name, start, second, sum);
  }
  return lines;
}

void show_progress(const Console& console, const std::string& text) {
  if (!console.terminal || console.quiet) return;
  fmt::print(stderr, "\r\x1b[K{}", text);
  std::fflush(stderr);
}

ExitCode report(const Console& console, const Scenario& scenario, const RequestSource& source,
                const RunResult& result, const Verdict& verdict, const LoadOutputs& outputs) {
  const ExitCode code = exit_code_of(verdict);
  const RunFacts facts{
      .target = scenario.name,
      .connections = scenario.engine.connections,
      .threads = scenario.engine.threads,
      .seed = scenario.seed,
      .exit_code = static_cast<int>(code),
      .signing = scenario.duis ? std::string(name_of(scenario.duis->signing)) : ""};
  console.clear_progress();
  std::string text;
  if (outputs.json) {
    append_result_json(text, facts, scenario.plan, source.classes(), result, verdict);
    console.out(text);
  } else if (verdict.kind == VerdictKind::unreachable) {
    console.error(Error(ErrorKind::io, verdict.reason));
  } else {
    append_result_text(text, facts, scenario.plan, result, verdict);
    if (!outputs.folder.empty())
      text += fmt::format("report: {}\n", (outputs.folder / "report.html").string());
    console.out(text);
  }
  return code;
}

// Thresholds of a phase hold for the trials, which have phases of their own.
std::vector<Threshold> thresholds_of_trials(const Scenario& scenario) {
  std::vector<Threshold> out = scenario.thresholds;
  for (Threshold& t : out) t.phase.clear();
  return out;
}

// What the first phase that measures asks for.
double first_rate(const Scenario& scenario) {
  for (const Phase& phase : scenario.plan.phases())
    if (phase.kind == PhaseKind::measure && !phase.schedule->closed() &&
        phase.schedule->count() > 0)
      return static_cast<double>(phase.schedule->count()) / seconds_of(phase.duration);
  return CapacitySearch{}.first_rate;
}

}  // namespace

Result<ExitCode> play_scenario(const Console& console, const Scenario& scenario,
                               const LoadOutputs& outputs) {
  SourceMaker sources(scenario);
  S1FLOW_TRY(const auto source, sources.make(scenario.plan));
  S1FLOW_TRY(std::optional<OutputFile> log, open_log(outputs));
  std::optional<LoadFolder> folder;
  if (!outputs.folder.empty()) {
    S1FLOW_TRY(folder,
               LoadFolder::create(outputs.folder, outputs.overwrite, scenario, source->classes()));
  }
  Metrics metrics(scenario.name, source->classes(), scenario.plan);
  std::unique_ptr<MetricsServer> watchers;
  if (outputs.metrics) {
    S1FLOW_TRY(watchers, MetricsServer::start(*outputs.metrics));
    watchers->publish(metrics.text());
    console.talk(fmt::format("metrics at http://127.0.0.1:{}/metrics", watchers->port()));
  }
  Status logged;
  EngineObserver observer;
  observer.on_start = [&](double start) {
    if (folder) folder->on_start(start);
    if (!log) return;
    std::string head;
    append_log_head(head, "response times in nanoseconds, by s1flow load", start);
    logged = log->write(head);
  };
  observer.on_second = [&](const Second& second, const Interval& interval) {
    show_progress(console, second_text(second, scenario.plan.end()));
    if (folder) folder->on_second(interval);
    if (watchers) {
      metrics.see(second, interval);
      watchers->publish(metrics.text());
    }
    if (log && logged) logged = log->write(log_lines(source->classes(), interval));
  };
  AbortWatch aborts(scenario.aborts);
  observer.abort_if = [&](const Second& second) { return aborts.see(second); };
  S1FLOW_TRY(const RunResult result,
             run_plan(scenario.engine, scenario.plan, *source, console.stop, observer));
  if (log) {
    if (logged) logged = log->commit();
    S1FLOW_TRY_VOID(std::move(logged));
  }
  const Verdict verdict =
      judge(scenario.plan, source->classes(), result, scenario.thresholds, scenario.validity);
  if (folder) S1FLOW_TRY_VOID(folder->finish(result, verdict, exit_code_of(verdict)));
  return report(console, scenario, *source, result, verdict, outputs);
}

Result<ExitCode> presign_scenario(const Console& console, const Scenario& scenario,
                                  const Path& file, Overwrite overwrite) {
  SourceMaker sources(scenario);
  S1FLOW_TRY(const std::uint64_t count, sources.presign(scenario.plan, file, overwrite));
  console.out(fmt::format("{}: {} signed requests\n", file.string(), count));
  return ExitCode::fine;
}

Result<ExitCode> search_capacity(const Console& console, const Scenario& scenario,
                                 Nanoseconds trial, const LoadOutputs& outputs) {
  const std::vector<Threshold> thresholds = thresholds_of_trials(scenario);
  const auto limits_time = [](const Threshold& t) { return t.form != Threshold::Form::errors; };
  if (std::none_of(thresholds.begin(), thresholds.end(), limits_time))
    return tl::unexpected(usage_error(
        "--find-capacity needs a threshold on a percentile, or on a share within a time"));
  if (trial.count() <= 0) trial = std::chrono::seconds(5);
  SourceMaker sources(scenario);
  std::uint64_t next_number = 0;
  std::optional<Verdict> unreachable;
  const auto run = [&](double rate) -> Result<std::optional<CapacityTrial>> {
    Plan plan(next_number);
    plan.add("warm-up", PhaseKind::warm_up, trial / 5, constant_schedule(rate, trial / 5));
    plan.add("trial", PhaseKind::measure, trial, constant_schedule(rate, trial));
    const Phase& last = plan.phases().back();
    next_number = last.first_number + last.schedule->count();
    S1FLOW_TRY_VOID(check_caps(scenario.caps, plan, scenario.engine.connections));
    S1FLOW_TRY(const auto source, sources.make(plan));
    show_progress(console, fmt::format("trying {:.1f}/s", rate));
    S1FLOW_TRY(const RunResult result, run_plan(scenario.engine, plan, *source, console.stop, {}));
    if (result.end == RunEnd::stopped) return std::nullopt;
    const Verdict verdict = judge(plan, source->classes(), result, thresholds, scenario.validity);
    if (verdict.kind == VerdictKind::unreachable) {
      unreachable = verdict;
      return std::nullopt;
    }
    const std::uint64_t ok = result.recorder.total(1).count(Outcome::ok);
    return CapacityTrial{rate, static_cast<double>(ok) / seconds_of(trial), verdict.kind,
                         verdict.reason};
  };
  const CapacitySearch search{.first_rate = first_rate(scenario), .most_rate = scenario.caps.rate};
  S1FLOW_TRY(const Capacity capacity, find_capacity(search, run));
  console.clear_progress();
  if (unreachable) {
    console.error(Error(ErrorKind::io, unreachable->reason));
    return ExitCode::io;
  }
  ExitCode code = ExitCode::fine;
  if (capacity.limiter == Limiter::generator) code = ExitCode::invalid_run;
  if (capacity.rate == 0) code = ExitCode::no;
  std::string text;
  if (outputs.json)
    append_capacity_json(text, capacity, scenario.name, static_cast<int>(code));
  else
    append_capacity_text(text, capacity, scenario.name);
  console.out(text);
  return code;
}

}  // namespace s1flow::cli
