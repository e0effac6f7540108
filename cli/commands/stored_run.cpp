#include "cli/commands/stored_run.h"

#include <fmt/format.h>

#include "cli/render/report_reader.h"
#include "core/folder.h"

namespace s1flow::cli {
namespace {

// An hour at a hundred classes stays below it.
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

}  // namespace

Result<loadgen::StoredRun> open_stored_run(const std::string& given) {
  const Path folder(given);
  S1FLOW_TRY(const FileKind kind, kind_at(folder, Links::follow));
  if (kind != FileKind::folder)
    return tl::unexpected(usage_error(
        fmt::format("{}: is no folder; name one that 's1flow load -o OUT' has written", given)));
  const Path report = folder / "report.json";
  S1FLOW_TRY(const FileKind of_report, kind_at(report, Links::follow));
  if (of_report == FileKind::none)
    return tl::unexpected(usage_error(fmt::format(
        "{}: has no report.json; name a folder that 's1flow load -o OUT' has written", given)));
  S1FLOW_TRY(const std::string text, read_text(report, kMostBytes));
  auto read = render::read_run_report(text);
  if (!read) return tl::unexpected(std::move(read).error().at(report.string()));
  return loadgen::StoredRun{given, *std::move(read), folder / "histograms.hlog"};
}

}  // namespace s1flow::cli
