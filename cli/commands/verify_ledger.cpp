
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/session.h"
#include "core/folder.h"
#include "core/json_text.h"
#include "core/text.h"
#include "pipeline/week/run_ledger.h"

namespace s1flow::cli {
namespace {

class VerifyLedger final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("LEDGER", given_,
                   "Output FOLDER of a dry run, whose files are compared too, or FILE of a ledger")
        ->required();
    app.add_option("--format", format_, "Of the answer: human, json")
        ->default_val("human")
        ->check(CLI::IsMember({"human", "json"}));
    app.footer(
        "Exit code 0: every byte is as it was written; 1: something was changed, cut off, added or "
        "swapped.\n\nExamples:\n  s1flow verify-ledger out\n  s1flow verify-ledger accepted.db "
        "--format json");
  }

  Result<ExitCode> run(const Console& console) override {
    S1FLOW_TRY(const FileKind kind, kind_at(given_, Links::follow));
    const bool folder = kind == FileKind::folder;
    const Path file = folder ? Path(given_) / pipeline::kLedgerName : Path(given_);
    S1FLOW_TRY(const pipeline::LedgerVerdict verdict, pipeline::verify_ledger(file));
    std::vector<std::string> problems;
    if (!verdict.fault.empty()) {
      problems.push_back(file.string() + ": " + verdict.fault);
    } else if (folder) {
      S1FLOW_TRY(problems, pipeline::check_run_folder(given_, verdict.records, console.stop));
    }
    if (format_ == "json")
      console.out(json_of(file, verdict, problems));
    else
      console.out(text_of(file, verdict, problems));
    return problems.empty() ? ExitCode::fine : ExitCode::no;
  }

 private:
  static std::string head_of(const pipeline::LedgerVerdict& verdict) {
    std::string head;
    if (!verdict.records.empty()) append_hex(head, verdict.records.back().chain);
    return head;
  }

  static std::string text_of(const Path& file, const pipeline::LedgerVerdict& verdict,
                             const std::vector<std::string>& problems) {
    std::string text;
    for (const std::string& p : problems) text += p + '\n';
    if (problems.empty()) {
      const bool finished = !verdict.records.empty() && verdict.records.back().kind == "finished";
      text += fmt::format("{}: holds; {}{}, head {}\n", file.string(),
                          counted(verdict.records.size(), "record"),
                          finished ? " of a finished run" : "", head_of(verdict));
    }
    return text;
  }

  static std::string json_of(const Path& file, const pipeline::LedgerVerdict& verdict,
                             const std::vector<std::string>& problems) {
    std::string list = "[";
    for (const std::string& p : problems) {
      if (list.size() > 1) list += ',';
      append_json_string(list, p);
    }
    std::string text;
    JsonObject(text)
        .text("ledger", file.string())
        .boolean("holds", problems.empty())
        .number("records", verdict.records.size())
        .text("head", head_of(verdict))
        .raw("problems", list + "]")
        .finish();
    text += '\n';
    return text;
  }

  std::string given_, format_;
};

}  // namespace

std::unique_ptr<Command> make_verify_ledger() {
  return std::make_unique<VerifyLedger>();
}

}  // namespace s1flow::cli
