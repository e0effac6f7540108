#include "pipeline/week/dry_run.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands/all.h"
#include "cli/render/html.h"
#include "cli/render/text.h"
#include "cli/session.h"
#include "codecs/crypto/secret.h"

namespace s1flow::cli {
namespace {

class DryRun final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.add_option(
           "BATCH", batch_,
           "FOLDER of the batch: batch.toml, maf/, inventory/, epcl.csv, registration.csv, pki/")
        ->required();
    app.add_option("-o,--output", out_, "FOLDER for files, findings, outcomes and the report")
        ->required();
    app.add_flag("--overwrite", overwrite_, "Replace the results of an earlier dry run");
    app.add_option("--ledger", ledger_,
                   "FILE that several runs share: what one has accepted is refused by the others");
    app.add_option("--given", given_,
                   "TYPE=FILE: use this file instead of making it (mcf, mvf, mgf, mef, scf, cof); "
                   "may be repeated")
        ->allow_extra_args(false)
        ->check([](const std::string& text) {
          const std::size_t equals = text.find('=');
          return equals == std::string::npos || equals == 0 || equals + 1 == text.size()
                     ? "'" + text + "': write TYPE=FILE, such as mcf=MC_SMSOA.xml"
                     : std::string();
        });
    app.add_option("--layouts", options_.layouts,
                   "FOLDER of layouts and schemas to use instead of the shipped ones");
    app.add_option("--severity", severities_,
                   "RULE=off|info|warning|error: set a rule's severity; may be repeated")
        ->allow_extra_args(false)
        ->check(check_severity);
    app.add_option(
           "--fail-on", fail_on_,
           "Exit with 1 when there are findings of this severity: never, error, warning, info")
        ->default_val("never")
        ->check(CLI::IsMember({"never", "error", "warning", "info"}));
    app.add_option(
        "--passphrase", passphrase_,
        "FILE, or fd:N, that holds the passphrase of the batch's keys, or a device's PIN");
    app.add_option("--workers", options_.runner.workers, "Threads; 0: one per core")
        ->default_val(0)
        ->check(CLI::Range(0, 256));
    app.add_option("--chunk", options_.runner.chunk_bytes, "Bytes that travel together")
        ->default_val(128 * 1024)
        ->transform(CLI::AsSizeValue(false));
    app.add_option(
           "--memory", options_.memory.bytes,
           "How much to keep in memory of installations and findings; more goes to the disk")
        ->default_val(std::uint64_t{1} << 30)
        ->transform(CLI::AsSizeValue(false));
    app.add_option("--format", format_, "Of the summary on standard output: human, json")
        ->default_val("human")
        ->check(CLI::IsMember({"human", "json"}));
    app.footer(
        "A run that was interrupted goes on when the same command is given again.\n"
        "Rejected rows are results, not failures: the exit code is 0 unless --fail-on says "
        "otherwise.\n\nExamples:\n"
        "  s1flow dry-run batch -o out\n  s1flow dry-run batch -o out --given mcf=MC_SMSOA.xml "
        "--fail-on error");
  }

  [[nodiscard]] Confinement confinement() const override { return Confinement::no_network_no_exec; }

  Result<ExitCode> run(const Console& console) override {
    options_.batch = batch_;
    options_.out = out_;
    options_.ledger = ledger_;
    options_.overwrite = overwrite_ ? Overwrite::yes : Overwrite::no;
    options_.progress = console.progress();
    options_.runner.stop = console.stop;
    if (options_.runner.chunk_bytes < 64 || options_.runner.chunk_bytes > (8UL << 20))
      return tl::unexpected(usage_error("--chunk must lie between 64 bytes and 8 MiB"));
    for (const std::string& g : given_) {
      const std::size_t equals = g.find('=');
      options_.given.push_back({g.substr(0, equals), g.substr(equals + 1)});
    }
    for (const std::string& s : severities_) {
      const std::size_t equals = s.find('=');
      options_.severities.emplace_back(s.substr(0, equals), *parse_severity(s.substr(equals + 1)));
    }
    options_.say = [&](const std::string& line) { console.talk("s1flow: " + line); };
    ExitCode code = ExitCode::fine;
    codecs::crypto::Secret passphrase;
    if (!passphrase_.empty()) {
      S1FLOW_TRY(passphrase, codecs::crypto::read_password(passphrase_));
      options_.passphrase = passphrase.view();
    }
    std::string json;
    options_.render =
        [&](pipeline::DryRunResult& result) -> Result<std::vector<pipeline::RenderedFile>> {
      code = verdict(result);
      result.report.verdict.exit_code = static_cast<std::uint64_t>(code);
      append_json(json, result.report);
      S1FLOW_TRY(std::string html, render::render_html(json));
      return std::vector<pipeline::RenderedFile>{{"report.json", json},
                                                 {"report.html", std::move(html)}};
    };
    S1FLOW_TRY(pipeline::DryRunResult result, pipeline::dry_run(options_));
    options_.passphrase.reset();
    console.clear_progress();
    if (format_ == "json") {
      console.out(json);
      return code;
    }
    // The report itself names the folder only; people want the path that they gave.
    result.report.run.output = options_.out.string();
    console.out(render::render_summary(
        result.report, ::isatty(1) == 1 ? render::Colour::yes : render::Colour::no));
    return code;
  }

 private:
  [[nodiscard]] ExitCode verdict(pipeline::DryRunResult& result) const {
    if (!result.conserved) {
      result.report.verdict.state = report::State::failed;
      result.report.verdict.reason = "records were lost or doubled";
      return ExitCode::internal;
    }
    if (fail_on_ == "never") return ExitCode::fine;
    const Severity least = *parse_severity(fail_on_);
    std::uint64_t count = 0;
    for (std::size_t s = static_cast<std::size_t>(least); s < result.findings.size(); ++s)
      count += result.findings[s];
    if (count == 0) return ExitCode::fine;
    result.report.verdict.reason =
        fmt::format("{} findings of severity {} or above", count, fail_on_);
    return ExitCode::no;
  }

  pipeline::DryRunOptions options_;
  std::string batch_, out_, ledger_, fail_on_, format_, passphrase_;
  std::vector<std::string> given_, severities_;
  bool overwrite_ = false;
};

}  // namespace

std::unique_ptr<Command> make_dry_run() {
  return std::make_unique<DryRun>();
}

}  // namespace s1flow::cli
