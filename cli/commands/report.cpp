#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/io.h"
#include "cli/render/html.h"
#include "cli/render/load_tables.h"
#include "cli/render/report_reader.h"
#include "cli/render/text.h"
#include "core/folder.h"

namespace s1flow::cli {
namespace {

// Of an hour at 20 classes it has about 10 MB.
constexpr std::size_t kMostBytes = std::size_t{1} << 30;

class Report final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("REPORT", report_, "FOLDER of a run, or its report.json")->required();
    app.add_option("-o,--output", out_, "FILE, or - for standard output")->default_val("-");
    app.add_option("--format", format_,
                   "text, html, csv (percentiles or outcomes), seconds (csv), junit, json")
        ->default_val("text")
        ->check(CLI::IsMember({"text", "html", "csv", "seconds", "junit", "json"}));
    app.add_flag("--overwrite", overwrite_, "Replace the file");
    app.footer(
        "Takes reports of dry runs and of load tests.\n\nExamples:\n  s1flow report out/reads\n"
        "  s1flow report out/reads --format html -o reads.html");
  }

  Result<ExitCode> run(const Console& console) override {
    Path path = report_;
    S1FLOW_TRY(const FileKind kind, kind_at(path, Links::follow));
    if (kind == FileKind::folder) path /= "report.json";
    S1FLOW_TRY_VOID(check_not_same(path.string(), out_));
    S1FLOW_TRY(const std::string json, read_text(path, kMostBytes));
    auto read = render::read_run_report(json);
    if (!read) return tl::unexpected(std::move(read).error().at(path.string()));
    S1FLOW_TRY(const std::string text, rendered(*read));
    S1FLOW_TRY(Output out, Output::create(out_, overwrite_ ? Overwrite::yes : Overwrite::no));
    S1FLOW_TRY_VOID(out.sink(console)(text));
    S1FLOW_TRY_VOID(out.commit(console));
    return ExitCode::fine;
  }

 private:
  [[nodiscard]] Result<std::string> rendered(const RunReport& r) const {
    if (format_ == "html") return render::render_html(r);
    if (format_ == "junit") return render::junit_xml(r);
    if (format_ == "csv") {
      if (r.kind == report::Kind::load) return render::percentiles_csv(r.load.value());
      return render::outcomes_csv(r.dry_run.value());
    }
    if (format_ == "seconds") {
      if (r.kind == report::Kind::load) return render::seconds_csv(r.load.value());
      return tl::unexpected(
          usage_error(report_ + ": is of a dry run, which has no seconds; give another --format"));
    }
    if (format_ == "json") {
      std::string json;
      append_json(json, r);
      return json;
    }
    return render::render_summary(r);
  }

  std::string report_, out_, format_;
  bool overwrite_ = false;
};

}  // namespace

std::unique_ptr<Command> make_report() {
  return std::make_unique<Report>();
}

}  // namespace s1flow::cli
