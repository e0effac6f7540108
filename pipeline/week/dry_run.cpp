#include "pipeline/week/dry_run.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "core/json_text.h"
#include "core/machine.h"
#include "core/trouble.h"
#include "pipeline/exchange/layout_schema.h"
#include "pipeline/program.h"
#include "pipeline/rules/list.h"
#include "pipeline/week/results.h"
#include "pipeline/week/steps.h"
#include "pipeline/week/week_layouts.h"

namespace s1flow::pipeline {
namespace {

Status load_layouts(RunContext& run) {
  S1FLOW_TRY_VOID(check_week_layouts(run.batch.layouts));
  for (const codecs::FileType* type : codecs::file_types()) {
    const auto layout = run.batch.layouts.preferred(type->id);
    run.layouts[std::string(type->id)] = layout;
    if (layout->container != codecs::Container::xml) continue;
    if (layout->schema->has_identity_constraints)
      run.warnings.push_back(
          fmt::format("layout {}: xs:unique, xs:key and xs:keyref of its XSD hold within a chunk "
                      "of a file only; "
                      "another validator has to check them over whole files",
                      layout->name()));
    S1FLOW_TRY(run.schemas[std::string(type->id)], schema_of(*layout));
  }
  return {};
}

Status load_pki(RunContext& run, std::optional<std::string_view> passphrase) {
  codecs::crypto::PkiOptions options;
  options.clock = run.batch.clock;
  options.key_passphrase = passphrase;
  options.revocation = run.batch.revocation;
  S1FLOW_TRY(run.pki, codecs::crypto::Pki::load(run.batch.pki, options));
  run.certificates = CertificateIndex(run.pki);
  std::size_t told = 0;
  for (const codecs::crypto::PkiProblem& p : run.pki.problems()) {
    if (++told > 20) {
      run.warnings.push_back(
          fmt::format("… and {} more problems in the pki folder", run.pki.problems().size() - 20));
      break;
    }
    run.warnings.push_back(fmt::format("pki/{}: {}", p.file, p.text));
  }
  return {};
}

// What is wrong with its rows is for the log, once there is one.
Status load_epcl(RunContext& run, std::vector<Finding>& found) {
  std::vector<codecs::Fault> faults;
  S1FLOW_TRY(run.epcl,
             EpclList::load(run.batch.epcl, run.layout("epcl"), run.batch.limits, faults));
  const std::string name = run.batch.epcl.filename().string();
  for (codecs::Fault& f : faults) {
    const Severity severity = run.rules.severity(*f.rule);
    if (f.rule->scope == RuleScope::file)
      return tl::unexpected(usage_error(
          fmt::format("{}:{}: {} {}", run.batch.epcl.string(), f.line, f.rule->title, f.note)));
    if (severity != Severity::off)
      found.push_back(codecs::to_finding(std::move(f), name, severity));
  }
  return {};
}

// Finds the planned file that a given one stands for, by what its header says.
Status place_given(RunContext& run, const GivenFile& given) {
  const auto it = run.layouts.find(given.type);
  if (it == run.layouts.end() || it->second->container != codecs::Container::xml)
    return tl::unexpected(
        usage_error(fmt::format("--given {}={}: the type must be mcf, mvf, mgf, mef, scf or cof",
                                given.type, given.path.string())));
  ExchangeHeader header;
  ReadContext context = run.read_context();
  context.check_signature = false;
  ReadCallbacks callbacks;
  callbacks.on_header = [&](const ExchangeHeader& h) { header = h; };
  const ExchangeReader reader(it->second, nullptr);
  S1FLOW_TRY(const FileVerdict verdict, reader.read(given.path, {}, {}, context, callbacks));
  PlannedFile* match = nullptr;
  std::size_t matches = 0;
  for (std::size_t s = 0; s < run.batch.smsos.size(); ++s)
    for (unsigned day = 0; day < 7; ++day)
      for (std::size_t g = 0; g < run.batch.smsos[s].groups.size(); ++g) {
        PlannedFile* planned = run.plan.find(given.type, s, day, g);
        if (planned == nullptr) continue;
        const bool fits =
            (!header.sender || header.sender == planned->header.sender) &&
            (header.smso.empty() || run.batch.find_smso(header.smso) == &run.batch.smsos[s]) &&
            (!header.day || header.day == planned->header.day) &&
            (header.group.empty() || planned->header.group.empty() ||
             header.group == planned->header.group);
        if (!fits) continue;
        ++matches;
        match = planned;
      }
  if (matches != 1)
    return tl::unexpected(usage_error(
        fmt::format("{}: {} of this batch's {} files can be meant; its header has to name sender, "
                    "SMSO, day and group",
                    given.path.string(), matches == 0 ? "none" : "several", given.type)));
  match->given = given.path;
  if (header.counter) match->header.counter = header.counter;
  if (header.created) match->header.created = header.created;
  return {};
}

// The plan of the week after what other runs have accepted: their counters are behind us like those
// that batch.toml names.
Status plan_week(RunContext& run, Batch& batch, const SharedState& shared,
                 const std::vector<GivenFile>& given) {
  for (const auto& [sender, counter] : shared.counters) {
    std::uint64_t& last = batch.last_counters[sender];
    last = std::max(last, counter);
  }
  S1FLOW_TRY(run.plan, FilePlan::make(batch));
  for (const GivenFile& g : given) S1FLOW_TRY_VOID(place_given(run, g));
  return {};
}

Status play_week(RunContext& run) {
  S1FLOW_TRY_VOID(read_inventory(run));
  S1FLOW_TRY_VOID(read_registration(run));
  S1FLOW_TRY_VOID(read_mafs(run));
  S1FLOW_TRY_VOID(authorise(run));
  S1FLOW_TRY_VOID(make_requesting_party_files(run));
  const std::size_t steps = 7 * run.batch.smsos.size();
  for (unsigned day = 0; day < 7; ++day)
    for (std::size_t s = 0; s < run.batch.smsos.size(); ++s) {
      S1FLOW_TRY_VOID(run.go_on());
      run.tell("playing the week", day * run.batch.smsos.size() + s, steps);
      S1FLOW_TRY(const bool mcf, check_mcf(run, s, day));
      if (!mcf) continue;
      S1FLOW_TRY(const bool mvf, read_mvf(run, s, day));
      if (!mvf) continue;
      S1FLOW_TRY_VOID(read_group_files(run, s, day));
      S1FLOW_TRY_VOID(check_devices(run, s, day));
      S1FLOW_TRY_VOID(commission(run, s, day));
    }
  return make_supplier_files(run);
}

// What is true of the results whatever happens to the report made of them.
RunReport report_of(const RunContext& run, const DryRunOptions& options) {
  RunReport report;
  report.program = this_program();
  report.machine = this_machine();
  report.run.batch = run.batch.name;
  report.run.output = options.out.filename().string();
  report.run.clock = run.batch.clock.text();
  report.run.seed = run.batch.model.seed;
  report.run.workers = worker_count(options.runner);
  report.run.chunk_bytes = options.runner.chunk_bytes;
  std::set<std::string> sets;
  for (const auto& [type, layout] : run.layouts) sets.insert(layout->source->name());
  report.run.layouts.assign(sets.begin(), sets.end());
  report.run.id_table_bytes = run.table.bytes();
  report.dry_run = make_dry_run_report(run);
  report.warnings = run.warnings;
  return report;
}

// What other runs learn of this one, once everything else stands.
Status share(const RunContext& run, SharedLedger& shared, const RunIdentity& identity) {
  std::vector<AcceptedMaf> mafs;
  for (const std::string& name : run.accepted_mafs)
    mafs.push_back({name, identity.mafs.find(name)->second});
  std::vector<AcceptedFile> files;
  for (const FileVerdictNote& v : run.ledger->verdicts())
    if (v.status == "accepted" && v.sender)
      files.push_back({*v.sender, v.counter, v.name, v.sha256});
  return shared.accept(run.ledger->run_id(), run.batch.name, mafs, files);
}

std::string summary_of(const RunContext& run, const DryRunResult& result) {
  std::array<std::uint64_t, kOutcomeNames.size()> outcomes{};
  for (std::uint32_t r = 0; r < run.table.size(); ++r) {
    run.table.pace(r);
    if (run.table[r].planned) ++outcomes[static_cast<std::size_t>(run.table[r].outcome)];
  }
  std::string text, counts;
  JsonObject o(text);
  JsonObject by_outcome(counts);
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    if (outcomes[i] != 0) by_outcome.number(kOutcomeNames[i], outcomes[i]);
  by_outcome.finish();
  o.raw("outcomes", counts);
  counts.clear();
  JsonObject by_severity(counts);
  for (std::size_t i = 0; i < result.findings.size(); ++i)
    if (result.findings[i] != 0) by_severity.number(kSeverityNames[i], result.findings[i]);
  by_severity.finish();
  o.raw("findings", counts);
  o.finish();
  return text;
}

// The week is played from its beginning even when an interrupted run is gone on with: the table is
// then what it was, and only files that are not finished are made.
Result<DryRunResult> play(RunContext& run, const DryRunOptions& options,
                          const RunIdentity& identity, SharedLedger* shared,
                          std::chrono::steady_clock::time_point start) {
  S1FLOW_TRY_VOID(play_week(run));
  // Nothing is shown or shared of a week in which a library ran out of memory, say.
  S1FLOW_TRY_VOID(check_machine());
  run.tell("writing results");
  check_conservation(run);
  S1FLOW_TRY_VOID(write_findings(run));
  S1FLOW_TRY_VOID(write_outcomes(run));
  S1FLOW_TRY_VOID(write_reports_for_parties(run));
  DryRunResult result;
  for (std::size_t s = 0; s < result.findings.size(); ++s)
    result.findings[s] = run.findings.count(static_cast<Severity>(s));
  result.conserved = std::all_of(run.conservation.begin(), run.conservation.end(),
                                 [](const Conservation& c) { return c.in == c.out; });
  result.report = report_of(run, options);
  if (!result.conserved)
    result.report.warnings.emplace_back(
        "The conservation check fails: records were lost or doubled. Do not use these results.");
  result.report.run.wall = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::steady_clock::now() - start);
  result.report.run.peak_rss_bytes = peak_rss_bytes();
  if (options.render) {
    S1FLOW_TRY(const std::vector<RenderedFile> rendered, options.render(result));
    for (const RenderedFile& f : rendered) {
      S1FLOW_TRY_VOID(write_whole(options.out / f.name, f.text));
      run.results.push_back(f.name);
    }
  }
  S1FLOW_TRY_VOID(check_machine());
  if (shared != nullptr) S1FLOW_TRY_VOID(share(run, *shared, identity));
  S1FLOW_TRY_VOID(run.ledger->finish(run.results, summary_of(run, result)));
  return result;
}

// Says how to go on, to whatever ended the run.
Error resumable(Error error, const RunContext& run) {
  const std::string place = run.out.string();
  if (error.kind() == ErrorKind::cancelled)
    return {ErrorKind::cancelled,
            fmt::format("{}: stopped on request with {} files finished; run the same command again "
                        "to go on",
                        place, run.ledger->finished())};
  if (error.kind() != ErrorKind::io) return error;
  return {ErrorKind::io,
          fmt::format("{}; {} files in {} are finished, and the same command goes on from there",
                      error.message(), run.ledger->finished(), place)};
}

}  // namespace

Result<DryRunResult> dry_run(const DryRunOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  S1FLOW_TRY(Batch batch, load_batch(options.batch));
  if (!options.layouts.empty()) {
    S1FLOW_TRY(batch.layouts, codecs::LayoutSet::with_folder(options.layouts));
  }
  batch.severities.insert(batch.severities.end(), options.severities.begin(),
                          options.severities.end());

  MemoryBudget memory = options.memory;
  if (memory.folder.empty()) memory.folder = options.out;
  RunContext run(batch, std::move(memory));
  run.out = options.out;
  run.runner = options.runner;
  run.progress = options.progress;
  for (const Path& p : batch.skipped)
    run.warnings.push_back(p.string() + ": is no regular file and was not read");
  S1FLOW_TRY(run.rules, RuleSet::with(batch.severities));
  S1FLOW_TRY_VOID(load_layouts(run));
  const auto& source = batch.layouts.all().front()->source;
  auto procedures = load_procedures(*source);
  if (!procedures) procedures = load_procedures(*codecs::shipped_schemas());
  if (!procedures) return tl::unexpected(std::move(procedures).error());
  run.procedures = std::move(*procedures);
  S1FLOW_TRY(run.behaviour, Behaviour::load(batch, run.procedures));
  S1FLOW_TRY_VOID(load_pki(run, options.passphrase));
  // A key that could not be read for such a reason is not one that is not there.
  S1FLOW_TRY_VOID(check_machine());
  for (const auto* list : {&batch.suppliers, &batch.network_operators})
    for (const Party& p : *list) run.parties.add(p.eui);
  std::vector<Finding> of_epcl;
  S1FLOW_TRY_VOID(load_epcl(run, of_epcl));

  run.tell("looking at the batch");
  S1FLOW_TRY(const RunIdentity identity, RunIdentity::of(batch, options));
  std::optional<SharedLedger> shared;
  if (!options.ledger.empty()) {
    S1FLOW_TRY(shared, SharedLedger::open(options.ledger));
  }
  const SharedState state = shared ? shared->state_for(identity.mafs) : SharedState();
  const auto last_counters = batch.last_counters;
  // What is wrong with the options is told before anything is begun.
  S1FLOW_TRY_VOID(plan_week(run, batch, state, options.given));
  S1FLOW_TRY(RunLedger ledger, RunLedger::begin(options.out, identity, state, options.overwrite,
                                                options.runner.stop));
  run.ledger = std::make_unique<RunLedger>(std::move(ledger));
  if (run.ledger->goes_on()) {
    if (options.say)
      options.say(
          fmt::format("{}: goes on with the dry run that was interrupted; {} files are "
                      "finished",
                      options.out.string(), run.ledger->finished()));
    // It goes on as it began, whatever other runs have accepted meanwhile.
    batch.last_counters = last_counters;
    S1FLOW_TRY_VOID(plan_week(run, batch, run.ledger->shared(), options.given));
  }
  S1FLOW_TRY_VOID(run.findings.add(of_epcl));
  run.alert_files = std::make_unique<AlertFiles>(run.out / "suppliers", *run.ledger);
  auto result = play(run, options, identity, shared ? &*shared : nullptr, start);
  if (!result) return tl::unexpected(resumable(std::move(result).error(), run));
  return result;
}

}  // namespace s1flow::pipeline
