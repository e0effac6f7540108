#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/all.h"
#include "cli/many_inputs.h"
#include "cli/session.h"
#include "codecs/container_check.h"
#include "pipeline/single/maf_container.h"
#include "pipeline/single/many_files.h"

namespace s1flow::cli {
namespace {

class Check final : public Command {
 public:
  void add_options(CLI::App& app) override {
    app.add_option("FILE", files_, "Files to judge, or folders of them; - is standard input")
        ->required();
    app.add_option("--as", as_,
                   "Judge the bare container of any file: xml, csv (RFC 4180), json (one text), "
                   "jsonl (one text a line)")
        ->check(CLI::IsMember({"xml", "csv", "json", "jsonl"}));
    session_.add_options(app, wants_layouts | wants_pki | wants_batch | wants_severity);
    app.add_option(
           "--fail-on", fail_on_,
           "Exit with 1 when there are findings of this severity: never, error, warning, info")
        ->default_val("error")
        ->check(CLI::IsMember({"never", "error", "warning", "info"}));
    app.add_option("--memory", memory_,
                   "How much to keep in memory of a file's ids; more goes to the disk (TMPDIR)")
        ->default_val(std::uint64_t{256} << 20)
        ->transform(CLI::AsSizeValue(false));
    app.add_option("--format", format_, "Of the findings: human, json (JSON Lines)")
        ->default_val("human")
        ->check(CLI::IsMember({"human", "json"}));
    app.add_flag("--timing", timing_,
                 "Tell on stderr what each stage did and how long it took, and how much of an XML "
                 "file took the fast path");
    app.footer(
        "Signatures are judged when certificates are given, shares of a MEF are opened when keys "
        "are.\n\nExamples:\n  s1flow check --pki pki MC_SMSOA_*.xml\n  s1flow check --as xml "
        "anything.xml");
  }

  [[nodiscard]] Confinement confinement() const override { return Confinement::no_network_no_exec; }

  Result<ExitCode> run(const Console& console) override {
    if (as_.empty()) S1FLOW_TRY_VOID(session_.load(console));
    const ManyInputs inputs = ManyInputs::find(files_);
    std::vector<std::optional<Result<Checked>>> done(inputs.names.size());
    ExitCode worst = ExitCode::fine;
    for (const Error& problem : inputs.problems) {
      console.error(problem);
      worst = std::max(worst, exit_code_of(problem));
    }
    S1FLOW_TRY_VOID(pipeline::for_each_file(
        {.count = inputs.names.size(),
         .size_of = [&](std::size_t i) { return inputs.size_of(i); },
         .work = [&](std::size_t i, const pipeline::RunnerOptions& runner) -> Status {
           done[i].emplace(check(console, inputs.names[i], runner));
           if (!*done[i] && done[i]->error().kind() == ErrorKind::cancelled)
             return tl::unexpected(done[i]->error());
           return {};
         },
         .finish = [&](std::size_t i) -> Status {
           const std::optional<Result<Checked>> checked = std::exchange(done[i], std::nullopt);
           console.clear_progress();
           if (!*checked) {
             // One file that cannot be read does not keep the others from being judged.
             console.error(checked->error());
             worst = std::max(worst, exit_code_of(checked->error()));
           } else {
             tell(console, **checked);
           }
           return {};
         }},
        {.stop = console.stop}));
    std::string counts;
    for (const Severity s : {Severity::error, Severity::warning, Severity::info})
      if (const std::uint64_t n = count_[static_cast<std::size_t>(s)]; n != 0)
        counts += (counts.empty() ? "" : ", ") +
                  (s == Severity::info ? fmt::format("{} info", n) : counted(n, name_of(s)));
    console.talk(fmt::format("{} checked, {} refused; {}", counted(checked_, "file"), refused_,
                             counts.empty() ? "no findings" : counts));
    return worst != ExitCode::fine ? worst : verdict();
  }

 private:
  struct Checked {
    std::string name;  // as people know the file
    bool refused = false;
    std::vector<Finding> findings;
    std::optional<pipeline::RecordSignatureCount> signatures;
    std::optional<pipeline::SingleVerdict> timed;
  };

  Result<Checked> check(const Console& console, const std::string& given,
                        const pipeline::RunnerOptions& runner) const {
    S1FLOW_TRY(const Input input, Input::open(given));
    if (!as_.empty()) return check_bare(console, input, *codecs::parse_bare_container(as_));
    S1FLOW_TRY(const bool zip, pipeline::is_zip(input.path()));
    if (!zip) return check_file(console, input, runner);
    S1FLOW_TRY(const pipeline::OpenedMaf maf,
               pipeline::OpenedMaf::open(input.path(), session_.passphrase(), session_.limits()));
    if (!maf.fault()) return check_file(console, Input::known_as(given, maf.path()), runner);
    return Checked{.name = input.name(),
                   .refused = true,
                   .findings = findings_of({*maf.fault()}, input.path().filename().string()),
                   .signatures = {},
                   .timed = {}};
  }

  Result<Checked> check_file(const Console& console, const Input& input,
                             const pipeline::RunnerOptions& runner) const {
    if (!session_.type_given()) {
      S1FLOW_TRY(const pipeline::Recognised r,
                 pipeline::recognise(input.path(), session_.layouts()));
      // What is no XML at all, or has a DOCTYPE, is refused without knowing what it should be.
      if (!r.layout && r.container == codecs::BareContainer::xml) {
        S1FLOW_TRY(Checked bare, check_bare(console, input, r.container));
        if (bare.refused) return bare;
      }
    }
    S1FLOW_TRY(const auto layout, session_.layout_of(input));
    pipeline::SingleFileContext context =
        session_.context(console, input, Session::keys_for(*layout));
    // Standard input has no name that could be wrong.
    if (input.is_stdin()) {
      S1FLOW_TRY(context.rules, context.rules.changed("file.name", Severity::off));
    }
    context.memory.bytes = memory_;
    context.runner = runner;
    S1FLOW_TRY(context.schema, session_.schema_of(*layout));
    S1FLOW_TRY(pipeline::SingleVerdict v, pipeline::check_file(input.path(), layout, context));
    Checked checked{.name = input.name(),
                    .refused = v.refused_by != nullptr,
                    .findings = std::move(v.findings),
                    .signatures = v.record_signatures,
                    .timed = {}};
    if (timing_) checked.timed = std::move(v);
    return checked;
  }

  static Result<Checked> check_bare(const Console& console, const Input& input,
                                    codecs::BareContainer container) {
    S1FLOW_TRY(InputFile file, InputFile::open(input.path()));
    S1FLOW_TRY(std::vector<codecs::Fault> faults,
               codecs::check_container(file, container,
                                       byte_progress(console, "reading " + input.name(), input)));
    const bool refused = !faults.empty();
    return Checked{.name = input.name(),
                   .refused = refused,
                   .findings = findings_of(std::move(faults), input.path().filename().string()),
                   .signatures = {},
                   .timed = {}};
  }

  void tell(const Console& console, const Checked& checked) {
    ++checked_;
    if (checked.refused) ++refused_;
    for (const Finding& f : checked.findings) ++count_[static_cast<std::size_t>(f.severity)];
    show_findings(console, parse_format(format_), checked.name, checked.findings);
    if (checked.signatures)
      console.talk(fmt::format("{}: {} of {} signatures hold", checked.name,
                               checked.signatures->holding, checked.signatures->records));
    if (checked.timed) tell_timing(console, checked.name, *checked.timed);
  }

  // Busy seconds are those of all workers together; waiting is what chunks waited before a stage.
  static void tell_timing(const Console& console, const std::string& name,
                          const pipeline::SingleVerdict& v) {
    if (v.chunks != 0)
      console.talk(fmt::format("{}: {} of {} took the fast path", name, v.fast_chunks,
                               counted(v.chunks, "chunk")));
    console.talk(fmt::format("  {:<18}{:>12}{:>10}{:>10}{:>12}", "stage", "records", "MB", "busy s",
                             "waiting s"));
    for (const pipeline::StageStats& s : v.stages)
      console.talk(fmt::format("  {:<18}{:>12}{:>10.1f}{:>10.3f}{:>12.3f}", s.name, s.records,
                               static_cast<double>(s.bytes) * 1e-6, s.busy_seconds,
                               s.waiting_seconds));
  }

  [[nodiscard]] ExitCode verdict() const {
    if (fail_on_ == "never") return ExitCode::fine;
    const auto least = static_cast<std::size_t>(*parse_severity(fail_on_));
    const bool any = std::any_of(count_.begin() + static_cast<std::ptrdiff_t>(least), count_.end(),
                                 [](std::uint64_t n) { return n != 0; });
    return any ? ExitCode::no : ExitCode::fine;
  }

  Session session_;
  std::vector<std::string> files_;
  std::string as_, fail_on_, format_;
  bool timing_ = false;
  std::array<std::uint64_t, kSeverityNames.size()> count_{};
  std::uint64_t memory_ = 0, checked_ = 0, refused_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_check() {
  return std::make_unique<Check>();
}

}  // namespace s1flow::cli
