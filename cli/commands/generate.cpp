#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/all.h"
#include "codecs/crypto/test_pki.h"
#include "pipeline/generate/week.h"
#include "pipeline/generate/world.h"

namespace s1flow::cli {
namespace {

class Generate final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.require_subcommand(1);
    CLI::App* week = app.add_subcommand(
        "week", "a Migration Week's batch, with what a dry run of it has to find");
    common(*week, "FOLDER for the batch");
    week->add_option("-n,--installations", options_.installations, "Number of installations")
        ->default_val(1000)
        ->check(CLI::Range(1, 80'000'000));
    week->add_option("--faults", options_.faults, "none, default, or rule ids separated by commas")
        ->default_val("default");
    week->add_option("--fault-share", options_.fault_share,
                     "Share of installations that get a fault of their own")
        ->default_val(0.03)
        ->check(CLI::Range(0.0, 0.9));
    week->add_flag("--rsa", options_.rsa, "RSA-OAEP instead of ECDH-ES for the MEF's keys");
    week->add_option("--layouts", layouts_,
                     "FOLDER of layouts and schemas that the batch gets as its own");
    week->footer(
        "Writes expected-findings.jsonl and expected-outcomes.jsonl beside the batch; 's1flow "
        "diff' compares a dry run with them.\n\nExamples:\n"
        "  s1flow generate week -n 10000 --seed 7 -o batch\n  s1flow generate week -n 50 --faults "
        "maf.week-not-monday,file.counter -o batch");
    week->callback([this] { what_ = What::week; });
    CLI::App* pki = app.add_subcommand(
        "pki", "a complete test PKI: root, issuing CA, and a certificate per role, use and EUI-64");
    common(*pki, "FOLDER for the PKI");
    pki->footer(
        "The keys are for tests: the root's private key lies in the same folder.\n\nExamples:\n  "
        "s1flow generate pki -o pki\n  s1flow generate pki --seed 7 -o batch/pki");
    pki->callback([this] { what_ = What::pki; });
    CLI::App* exceptions = app.add_subcommand(
        "exceptions",
        "one small batch per rule, with the files and the outcome it leads to (MTAD 17.23)");
    common(*exceptions, "FOLDER for the sample sets");
    exceptions->footer(
        "Examples:\n  s1flow generate exceptions -o samples\n  ls samples/maf.week-not-monday");
    exceptions->callback([this] { what_ = What::exceptions; });
  }

  Result<ExitCode> run(const Console& console) override {
    options_.monday = *Date::parse(week_);
    options_.out = out_;
    options_.layouts = layouts_;
    options_.overwrite = overwrite_ ? Overwrite::yes : Overwrite::no;
    options_.progress = console.progress();
    switch (what_) {
      case What::week:
        return make_week(console);
      case What::pki:
        return make_pki(console);
      case What::exceptions:
        return make_exceptions(console);
    }
    return ExitCode::internal;
  }

 private:
  enum class What { week, pki, exceptions };

  void common(CLI::App& app, const std::string& what) {
    app.get_formatter()->column_width(34);
    app.add_option("-o,--output", out_, what)->required();
    app.add_option("--seed", options_.seed, "The same seed gives the same data")->default_val(1);
    app.add_option("--week", week_,
                   "Monday of the Migration Week; the clock stands on the Friday before")
        ->default_val("2021-06-07")
        ->check([](const std::string& text) {
          const auto monday = Date::parse(text);
          return monday && monday->is_monday()
                     ? std::string()
                     : "'" + text + "' is not a Monday; give a date such as 2021-06-07";
        });
    app.add_flag("--overwrite", overwrite_, "Replace a folder that was generated before");
  }

  Result<ExitCode> make_week(const Console& console) {
    S1FLOW_TRY(const pipeline::GenerateResult made, pipeline::generate_week(options_));
    console.talk(fmt::format("{}: {} installations, {} of them with a fault, {} findings expected",
                             out_, made.installations, made.faulty, made.findings));
    for (const std::string& f : made.file_faults) console.talk("  " + f);
    return ExitCode::fine;
  }

  Result<ExitCode> make_pki(const Console& console) {
    S1FLOW_TRY(codecs::LayoutSet layouts, codecs::LayoutSet::shipped());
    const pipeline::World world = pipeline::World::make(
        options_.seed, options_.monday, std::move(layouts), codecs::crypto::WithRsa::yes);
    S1FLOW_TRY_VOID(codecs::crypto::generate_test_pki(world.pki, out_));
    console.talk(fmt::format("{}: {} certificates", out_, world.pki.certificates.size()));
    return ExitCode::fine;
  }

  Result<ExitCode> make_exceptions(const Console& console) {
    S1FLOW_TRY(const std::vector<std::string> made, pipeline::generate_exceptions(options_));
    console.talk(fmt::format("{}: {} sample sets, one per rule", out_, made.size()));
    return ExitCode::fine;
  }

  What what_ = What::week;
  pipeline::GenerateOptions options_;
  std::string out_, week_, layouts_;
  bool overwrite_ = false;
};

}  // namespace

std::unique_ptr<Command> make_generate() {
  return std::make_unique<Generate>();
}

}  // namespace s1flow::cli
