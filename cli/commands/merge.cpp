#include "loadgen/merge.h"

#include <filesystem>

#include <CLI/CLI.hpp>

#include "cli/commands/all.h"
#include "cli/commands/run_folder.h"
#include "cli/commands/stored_run.h"
#include "cli/render/text.h"
#include "cli/session.h"

namespace s1flow::cli {
namespace {

using namespace loadgen;

class Merge final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("RUN", runs_, "FOLDERS of the runs, each written by load -o or merge")
        ->required();
    app.add_option("-o,--output", out_, "FOLDER for the merged run")->required();
    app.add_flag("--overwrite", overwrite_, "Replace the files of an earlier run in it");
    app.add_option("--format", format_, "Of the result on standard output: human, json")
        ->default_val("human")
        ->check(CLI::IsMember({"human", "json"}));
    app.footer(
        "Ends as the merged run does: with 0 when all thresholds held, 1 when not, 5 when a run "
        "was INVALID.\n\nExamples:\n"
        "  s1flow merge out/generator-1 out/generator-2 -o out/both\n"
        "  s1flow merge out/run-1 out/run-2 out/run-3 -o out/all --overwrite");
  }

  Result<ExitCode> run(const Console& console) override {
    std::vector<StoredRun> runs;
    for (const std::string& given : runs_) {
      S1FLOW_TRY_VOID(check_not_output(given));
      S1FLOW_TRY(StoredRun run, open_stored_run(given));
      runs.push_back(std::move(run));
    }
    S1FLOW_TRY_VOID(check_belong_together(runs));
    S1FLOW_TRY(RunReport merged, merge_reports(runs));
    S1FLOW_TRY(RunFolder folder,
               RunFolder::create(out_, overwrite_ ? Overwrite::yes : Overwrite::no));
    S1FLOW_TRY_VOID(merge_logs(runs, merged,
                               [&](std::string_view lines) { return folder.log().write(lines); }));
    merged.run.output = folder.out().filename().string();
    S1FLOW_TRY_VOID(folder.finish(merged));
    std::string text;
    if (parse_format(format_) == OutputFormat::json)
      append_json(text, merged);
    else
      text = render::render_summary(merged);
    console.out(text);
    return static_cast<ExitCode>(merged.verdict.exit_code);
  }

 private:
  [[nodiscard]] Status check_not_output(const std::string& given) const {
    std::error_code error;
    if (!std::filesystem::equivalent(given, out_, error)) return {};
    return tl::unexpected(
        usage_error(given + ": is a run to merge and the output too; name another output"));
  }

  std::vector<std::string> runs_;
  Path out_;
  std::string format_;
  bool overwrite_ = false;
};

}  // namespace

std::unique_ptr<Command> make_merge() {
  return std::make_unique<Merge>();
}

}  // namespace s1flow::cli
