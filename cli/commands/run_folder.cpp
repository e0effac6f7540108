#include "cli/commands/run_folder.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include <fmt/format.h>
#include <stdlib.h>

#include "cli/render/html.h"
#include "cli/render/load_tables.h"

namespace s1flow::cli {
namespace {

namespace fs = std::filesystem;

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

}  // namespace

struct RunFolder::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    log.reset();
    std::error_code ignored;
    for (const Path& path : {hidden, replaced})
      if (!path.empty()) fs::remove_all(path, ignored);
  }
  Path out, hidden, replaced;
  std::optional<OutputFile> log;
};

RunFolder::RunFolder(std::unique_ptr<State> state) : state_(std::move(state)) {}
RunFolder::RunFolder(RunFolder&&) noexcept = default;
RunFolder& RunFolder::operator=(RunFolder&&) noexcept = default;
RunFolder::~RunFolder() = default;

Result<RunFolder> RunFolder::create(const Path& given, Overwrite overwrite) {
  auto state = std::make_unique<State>();
  state->out = given.has_filename() ? given : given.parent_path();
  S1FLOW_TRY_VOID(check_target(state->out, overwrite));
  S1FLOW_TRY(state->hidden, make_hidden(state->out));
  S1FLOW_TRY(state->log, OutputFile::create(state->hidden / "histograms.hlog"));
  return RunFolder(std::move(state));
}

const Path& RunFolder::out() const {
  return state_->out;
}

OutputFile& RunFolder::log() {
  return *state_->log;
}

Status RunFolder::finish(const RunReport& r) {
  State& s = *state_;
  S1FLOW_TRY_VOID(s.log->commit());
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
