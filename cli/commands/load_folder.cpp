#include "cli/commands/load_folder.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>
#include <stdlib.h>

#include "cli/render/html.h"
#include "cli/render/load_tables.h"
#include "core/histogram_log.h"
#include "core/machine.h"
#include "pipeline/program.h"

namespace s1flow::cli {
namespace {

namespace fs = std::filesystem;
using namespace loadgen;

constexpr std::array<std::string_view, 6> kFiles{"report.json", "report.html", "percentiles.csv",
                                                 "seconds.csv", "junit.xml",   "histograms.hlog"};

// A folder is ours to replace only when it holds nothing but what a load test leaves.
Status check_target(const Path& out, Overwrite overwrite) {
  std::error_code code;
  if (!fs::exists(fs::symlink_status(out, code))) return {};
  if (!fs::is_directory(fs::symlink_status(out, code)))
    return tl::unexpected(usage_error(out.string() + ": is not a folder; name another output"));
  if (fs::is_empty(out, code)) return {};
  if (overwrite == Overwrite::no)
    return tl::unexpected(
        usage_error(out.string() + ": is there already; give --overwrite, or another output"));
  for (const auto& entry : fs::directory_iterator(out, code)) {
    const std::string name = entry.path().filename().string();
    if (std::find(kFiles.begin(), kFiles.end(), name) == kFiles.end())
      return tl::unexpected(usage_error(fmt::format(
          "{}: holds {}, which no load test made; name another output", out.string(), name)));
  }
  return {};
}

Result<Path> make_hidden(const Path& out) {
  const Path parent = out.parent_path().empty() ? Path(".") : out.parent_path();
  std::error_code code;
  fs::create_directories(parent, code);
  if (code)
    return tl::unexpected(Error(
        ErrorKind::io, fmt::format("{}: cannot be made: {}", parent.string(), code.message())));
  std::string name = (parent / fmt::format(".{}.s1flow-XXXXXX", out.filename().string())).string();
  if (::mkdtemp(name.data()) == nullptr)
    return tl::unexpected(io_error("make a folder beside", out.string()));
  return Path(name);
}

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
  State(const Scenario& s, std::span<const RequestClass> classes)
      : scenario(s), reporter(s, classes) {}
  ~State() {
    std::error_code ignored;
    for (const Path& path : {hidden, replaced})
      if (!path.empty()) fs::remove_all(path, ignored);
  }
  const Scenario& scenario;
  LoadReporter reporter;
  Path out, hidden, replaced;
  std::optional<OutputFile> log;
  Status logged;
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
};

LoadFolder::LoadFolder(std::unique_ptr<State> state) : state_(std::move(state)) {}
LoadFolder::LoadFolder(LoadFolder&&) noexcept = default;
LoadFolder& LoadFolder::operator=(LoadFolder&&) noexcept = default;
LoadFolder::~LoadFolder() = default;

Result<LoadFolder> LoadFolder::create(const Path& given, Overwrite overwrite,
                                      const Scenario& scenario,
                                      std::span<const RequestClass> classes) {
  // Without a / at the end, which has no name.
  const Path out = given.has_filename() ? given : given.parent_path();
  S1FLOW_TRY_VOID(check_target(out, overwrite));
  auto state = std::make_unique<State>(scenario, classes);
  state->out = out;
  S1FLOW_TRY(state->hidden, make_hidden(out));
  S1FLOW_TRY(state->log, OutputFile::create(state->hidden / "histograms.hlog"));
  return LoadFolder(std::move(state));
}

void LoadFolder::on_start(double start_seconds) {
  std::string head;
  append_log_head(head, "times in nanoseconds, by s1flow load; docs/report.md tells the tags",
                  start_seconds);
  state_->logged = state_->log->write(head);
}

void LoadFolder::on_second(const Interval& interval) {
  state_->reporter.see(interval);
  if (!state_->logged) return;
  std::string lines;
  state_->reporter.append_log_lines(lines, interval);
  state_->logged = state_->log->write(lines);
}

Status LoadFolder::finish(const RunResult& result, const Verdict& verdict, ExitCode code) {
  State& s = *state_;
  S1FLOW_TRY_VOID(std::move(s.logged));
  S1FLOW_TRY_VOID(s.log->commit());
  RunReport r;
  r.kind = report::Kind::load;
  r.program = pipeline::this_program();
  r.machine = this_machine();
  r.load = s.reporter.finish(result, verdict);
  if (s.scenario.duis) r.run.batch = s.scenario.duis->batch.filename().string();
  r.run.output = s.out.filename().string();
  r.run.seed = s.scenario.seed;
  r.run.workers = s.scenario.engine.threads;
  r.run.wall = std::chrono::steady_clock::now() - s.began;
  r.run.peak_rss_bytes = peak_rss_bytes();
  r.verdict = {state_of(result), static_cast<std::uint64_t>(code), verdict.reason};

  std::string json;
  append_json(json, r);
  S1FLOW_TRY(const std::string page, render::render_html(json));
  const std::pair<std::string_view, std::string> files[] = {
      {"report.json", std::move(json)},
      {"report.html", page},
      {"percentiles.csv", render::percentiles_csv(*r.load)},
      {"seconds.csv", render::seconds_csv(*r.load)},
      {"junit.xml", render::junit_xml(r)}};
  for (const auto& [name, text] : files) S1FLOW_TRY_VOID(write_whole(s.hidden / name, text));

  std::error_code failed;
  if (fs::exists(s.out, failed) && !fs::is_empty(s.out, failed)) {
    S1FLOW_TRY(s.replaced, make_hidden(s.out));
    fs::rename(s.out, s.replaced, failed);
  }
  if (!failed) fs::rename(s.hidden, s.out, failed);
  if (failed)
    return tl::unexpected(Error(ErrorKind::io, fmt::format("{}: cannot be put in its place: {}",
                                                           s.out.string(), failed.message())));
  s.hidden.clear();
  return {};
}

}  // namespace s1flow::cli
