#include "cli/commands/load_folder.h"

#include <chrono>

#include "cli/commands/run_folder.h"
#include "core/histogram_log.h"
#include "core/machine.h"
#include "pipeline/program.h"

namespace s1flow::cli {
namespace {

using namespace loadgen;

report::State state_of(const RunResult& result) {
  switch (result.end) {
    case RunEnd::completed:
    case RunEnd::aborted:
      return report::State::completed;
    case RunEnd::stopped:
      return report::State::stopped;
    case RunEnd::unreachable:
      return report::State::failed;
  }
  return report::State::failed;
}

}  // namespace

struct LoadFolder::State {
  State(RunFolder f, const Scenario& s, std::span<const RequestClass> classes)
      : folder(std::move(f)), scenario(s), reporter(s, classes) {}
  RunFolder folder;
  const Scenario& scenario;
  LoadReporter reporter;
  Status logged;
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
};

LoadFolder::LoadFolder(std::unique_ptr<State> state) : state_(std::move(state)) {}
LoadFolder::LoadFolder(LoadFolder&&) noexcept = default;
LoadFolder& LoadFolder::operator=(LoadFolder&&) noexcept = default;
LoadFolder::~LoadFolder() = default;

Result<LoadFolder> LoadFolder::create(const Path& out, Overwrite overwrite,
                                      const Scenario& scenario,
                                      std::span<const RequestClass> classes) {
  S1FLOW_TRY(RunFolder folder, RunFolder::create(out, overwrite));
  return LoadFolder(std::make_unique<State>(std::move(folder), scenario, classes));
}

void LoadFolder::on_start(double start_seconds) {
  std::string head;
  append_log_head(head, "times in nanoseconds, by s1flow load; docs/report.md tells the tags",
                  start_seconds);
  state_->logged = state_->folder.log().write(head);
}

void LoadFolder::on_second(const Interval& interval) {
  state_->reporter.see(interval);
  if (!state_->logged) return;
  std::string lines;
  state_->reporter.append_log_lines(lines, interval);
  state_->logged = state_->folder.log().write(lines);
}

Status LoadFolder::finish(const RunResult& result, const Verdict& verdict, ExitCode code) {
  State& s = *state_;
  S1FLOW_TRY_VOID(std::move(s.logged));
  RunReport r;
  r.kind = report::Kind::load;
  r.program = pipeline::this_program();
  r.machine = this_machine();
  r.load = s.reporter.finish(result, verdict);
  if (s.scenario.duis) r.run.batch = s.scenario.duis->batch.filename().string();
  r.run.output = s.folder.out().filename().string();
  r.run.seed = s.scenario.seed;
  r.run.workers = s.scenario.engine.threads;
  r.run.wall = std::chrono::steady_clock::now() - s.began;
  r.run.peak_rss_bytes = peak_rss_bytes();
  r.verdict = {state_of(result), static_cast<std::uint64_t>(code), verdict.reason};
  return s.folder.finish(r);
}

}  // namespace s1flow::cli
