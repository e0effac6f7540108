#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/commands/stored_run.h"
#include "cli/session.h"
#include "loadgen/compare_runs.h"

namespace s1flow::cli {
namespace {

using namespace loadgen;

class Compare final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("A", a_, "FOLDER of the run to compare with, written by load -o")->required();
    app.add_option("B", b_, "FOLDER of the run that may be slower")->required();
    app.add_option("--least", least_, "Percent: a smaller shift of a percentile is of no account")
        ->default_val(3)
        ->check(CLI::Range(0.0, 1000.0));
    app.add_option("--level", level_,
                   "Percent: how sure all lower ends of intervals are together, and all "
                   "upper ones")
        ->default_val(96)
        ->check(CLI::Range(50.0, 99.9));
    app.add_option("--format", format_, "human or json")
        ->default_val("human")
        ->check(CLI::IsMember({"human", "json"}));
    app.footer(
        "Ends with 0 when B is not slower, 1 when it is slower or fails more, 5 when a run was "
        "INVALID or\nthere is not enough data to tell.\n\nExamples:\n"
        "  s1flow compare out/yesterday out/today\n"
        "  s1flow compare --least 10 --format json out/release out/candidate");
  }

  Result<ExitCode> run(const Console& console) override {
    S1FLOW_TRY(const StoredRun a, open_stored_run(a_));
    S1FLOW_TRY(const StoredRun b, open_stored_run(b_));
    CompareOptions options;
    options.least = least_ / 100;
    options.level = level_ / 100;
    S1FLOW_TRY(const RunComparison comparison, compare_runs(a, b, options));
    const ExitCode code = exit_code_of(comparison.answer);
    std::string text;
    if (parse_format(format_) == OutputFormat::json)
      append_comparison_json(text, comparison, options, static_cast<int>(code));
    else
      append_comparison_text(text, comparison);
    console.out(text);
    return code;
  }

 private:
  static ExitCode exit_code_of(CompareAnswer answer) {
    switch (answer) {
      case CompareAnswer::not_slower:
        return ExitCode::fine;
      case CompareAnswer::slower:
        return ExitCode::no;
      case CompareAnswer::not_enough_data:
      case CompareAnswer::invalid:
        return ExitCode::invalid_run;
    }
    return ExitCode::internal;
  }

  std::string a_, b_, format_;
  double least_ = 3, level_ = 96;
};

}  // namespace

std::unique_ptr<Command> make_compare() {
  return std::make_unique<Compare>();
}

}  // namespace s1flow::cli
