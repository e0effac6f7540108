#include "pipeline/week/dry_run.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "core/machine.h"
#include "pipeline/program.h"
#include "pipeline/rules/list.h"
#include "pipeline/week/results.h"
#include "pipeline/week/steps.h"

namespace s1flow::pipeline {
namespace {

constexpr std::string_view kMarker = "s1flow-run";

// An output folder is ours to empty only when a run of ours made it.
Status prepare_output(const Path& out, Overwrite overwrite) {
  std::error_code code;
  const bool exists = std::filesystem::exists(out, code);
  if (exists && !std::filesystem::is_directory(out, code))
    return tl::unexpected(
        usage_error(out.string() + ": is not a folder; name another output place"));
  if (exists && !std::filesystem::is_empty(out, code)) {
    const bool ours = std::filesystem::exists(out / kMarker, code);
    if (overwrite == Overwrite::no)
      return tl::unexpected(usage_error(
          out.string() + ": is not empty; name another output folder or give --overwrite"));
    if (!ours)
      return tl::unexpected(usage_error(
          out.string() +
          ": was not made by a dry run, so it is not emptied; name another output folder"));
    for (const auto& entry : std::filesystem::directory_iterator(out, code))
      std::filesystem::remove_all(entry.path(), code);
    if (code)
      return tl::unexpected(
          Error(ErrorKind::io, out.string() + ": cannot be emptied: " + code.message()));
  }
  return write_whole(out / kMarker, "An output folder of 's1flow dry-run'.\n");
}

Status load_layouts(RunContext& run) {
  for (const codecs::FileType* type : codecs::file_types()) {
    const auto layout = run.batch.layouts.preferred(type->id);
    if (!layout)
      return tl::unexpected(usage_error(fmt::format("there is no layout for {}", type->id)));
    run.layouts[std::string(type->id)] = layout;
    if (layout->container != codecs::Container::xml) continue;
    if (layout->schema->has_identity_constraints)
      run.warnings.push_back(
          fmt::format("layout {}: xs:unique, xs:key and xs:keyref of its XSD hold within a chunk "
                      "of a file only; "
                      "another validator has to check them over whole files",
                      layout->name()));
    const auto source = layout->source;
    S1FLOW_TRY(run.schemas[std::string(type->id)],
               codecs::XmlSchema::load(layout->schema_path,
                                       [source](const std::string& p) { return source->read(p); }));
  }
  for (const std::string_view type : {"mcf", "mvf", "mgf", "mef", "scf", "cof"})
    if (run.layout(type)->container != codecs::Container::xml)
      return tl::unexpected(usage_error(fmt::format(
          "layout {}: files of the exchange have to be XML", run.layout(type)->name())));
  for (const std::string_view type : {"maf", "inventory", "registration", "epcl", "script"})
    if (run.layout(type)->container == codecs::Container::xml)
      return tl::unexpected(usage_error(fmt::format("layout {}: a {} has to be CSV or JSON Lines",
                                                    run.layout(type)->name(), type)));
  return {};
}

Status load_pki(RunContext& run) {
  codecs::crypto::PkiOptions options;
  options.clock = run.batch.clock;
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

Status load_epcl(RunContext& run) {
  std::vector<codecs::Fault> faults;
  S1FLOW_TRY(run.epcl,
             EpclList::load(run.batch.epcl, run.layout("epcl"), run.batch.limits, faults));
  std::vector<Finding> found;
  const std::string name = run.batch.epcl.filename().string();
  for (codecs::Fault& f : faults) {
    const Severity severity = run.rules.severity(*f.rule);
    if (f.rule->scope == RuleScope::file)
      return tl::unexpected(usage_error(
          fmt::format("{}:{}: {} {}", run.batch.epcl.string(), f.line, f.rule->title, f.note)));
    if (severity != Severity::off)
      found.push_back(codecs::to_finding(std::move(f), name, severity));
  }
  run.add_findings(std::move(found));
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

Status play_week(RunContext& run) {
  S1FLOW_TRY_VOID(read_inventory(run));
  S1FLOW_TRY_VOID(read_registration(run));
  S1FLOW_TRY_VOID(read_mafs(run));
  authorise(run);
  S1FLOW_TRY_VOID(make_requesting_party_files(run));
  const std::size_t steps = 7 * run.batch.smsos.size();
  for (unsigned day = 0; day < 7; ++day)
    for (std::size_t s = 0; s < run.batch.smsos.size(); ++s) {
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

}  // namespace

Result<DryRunResult> dry_run(const DryRunOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  S1FLOW_TRY(Batch batch, load_batch(options.batch));
  if (!options.layouts.empty()) {
    S1FLOW_TRY(batch.layouts, codecs::LayoutSet::with_folder(options.layouts));
  }
  batch.severities.insert(batch.severities.end(), options.severities.begin(),
                          options.severities.end());

  RunContext run(batch);
  run.out = options.out;
  run.runner = options.runner;
  run.progress = options.progress;
  S1FLOW_TRY(run.rules, RuleSet::with(batch.severities));
  S1FLOW_TRY_VOID(load_layouts(run));
  const auto& source = batch.layouts.all().front()->source;
  auto procedures = load_procedures(*source);
  if (!procedures) procedures = load_procedures(*codecs::shipped_schemas());
  if (!procedures) return tl::unexpected(std::move(procedures).error());
  run.procedures = std::move(*procedures);
  S1FLOW_TRY(run.behaviour, Behaviour::load(batch, run.procedures));
  S1FLOW_TRY_VOID(load_pki(run));
  for (const auto* list : {&batch.suppliers, &batch.network_operators})
    for (const Party& p : *list) run.parties.add(p.eui);
  S1FLOW_TRY(run.plan, FilePlan::make(batch));
  S1FLOW_TRY_VOID(load_epcl(run));
  S1FLOW_TRY_VOID(prepare_output(options.out, options.overwrite));
  run.alert_files = std::make_unique<AlertFiles>(run.out / "suppliers");
  for (const GivenFile& g : options.given) S1FLOW_TRY_VOID(place_given(run, g));

  S1FLOW_TRY_VOID(play_week(run));
  run.tell("writing results");
  check_conservation(run);
  S1FLOW_TRY_VOID(write_findings(run));
  S1FLOW_TRY_VOID(write_outcomes(run));
  S1FLOW_TRY_VOID(write_reports_for_parties(run));

  DryRunResult result;
  for (const auto& [name, found] : run.findings)
    for (const Finding& f : found) ++result.findings[static_cast<std::size_t>(f.severity)];
  result.conserved = std::all_of(run.conservation.begin(), run.conservation.end(),
                                 [](const Conservation& c) { return c.in == c.out; });
  RunReport& report = result.report;
  report.program = this_program();
  report.machine = this_machine();
  report.run.batch = batch.name;
  report.run.output = options.out.filename().string();
  report.run.clock = batch.clock.text();
  report.run.seed = batch.model.seed;
  report.run.workers = worker_count(options.runner);
  report.run.chunk_bytes = options.runner.chunk_bytes;
  std::set<std::string> sets;
  for (const auto& [type, layout] : run.layouts) sets.insert(layout->source->name());
  report.run.layouts.assign(sets.begin(), sets.end());
  report.run.id_table_bytes = run.table.bytes();
  report.dry_run = make_dry_run_report(run);
  report.warnings = run.warnings;
  if (!result.conserved)
    report.warnings.emplace_back(
        "The conservation check fails: records were lost or doubled. Do not use these results.");
  report.run.wall = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::steady_clock::now() - start);
  report.run.peak_rss_bytes = peak_rss_bytes();
  return result;
}

}  // namespace s1flow::pipeline
