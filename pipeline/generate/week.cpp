#include "pipeline/generate/week.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "codecs/crypto/test_pki.h"
#include "codecs/files/script.h"
#include "core/folder.h"
#include "core/json_text.h"
#include "core/line_file.h"
#include "core/text.h"
#include "pipeline/generate/batch_writer.h"
#include "pipeline/generate/fault_plan.h"
#include "pipeline/rules/list.h"
#include "pipeline/rules/rule_set.h"
#include "pipeline/week/dry_run.h"
#include "pipeline/week/results.h"
#include "pipeline/week/week_layouts.h"

namespace s1flow::pipeline {
namespace {

namespace crypto = codecs::crypto;

constexpr std::size_t kNone = static_cast<std::size_t>(-1);
constexpr std::string_view kFirstLine = "# A batch for 's1flow dry-run'";

// A folder is ours to empty only when we made the batch in it.
Status prepare(const Path& out, Overwrite overwrite) {
  S1FLOW_TRY(const FileKind kind, kind_at(out, Links::follow));
  if (kind == FileKind::none) return {};
  if (kind != FileKind::folder)
    return tl::unexpected(
        usage_error(out.string() + ": is not a folder; name another output place"));
  S1FLOW_TRY(const std::vector<std::string> names, names_in(out));
  if (names.empty()) return {};
  if (overwrite == Overwrite::no)
    return tl::unexpected(usage_error(
        out.string() + ": is not empty; name another output folder or give --overwrite"));
  const auto toml = read_text(out / "batch.toml");
  if (!toml || !toml->starts_with(kFirstLine))
    return tl::unexpected(usage_error(
        out.string() +
        ": is not a generated batch, so it is not emptied; name another output folder"));
  for (const std::string& name : names) S1FLOW_TRY_VOID(remove_tree(out / name));
  return {};
}

class Generator {
 public:
  explicit Generator(const GenerateOptions& options) : options_(options) {}

  Result<GenerateResult> run() {
    S1FLOW_TRY(codecs::LayoutSet layouts, options_.layouts.empty()
                                              ? codecs::LayoutSet::shipped()
                                              : codecs::LayoutSet::with_folder(options_.layouts));
    S1FLOW_TRY_VOID(check_week_layouts(layouts));
    S1FLOW_TRY_VOID(prepare(options_.out, options_.overwrite));
    world_ = World::make(options_.seed, options_.monday, std::move(layouts),
                         options_.rsa ? crypto::WithRsa::yes : crypto::WithRsa::no);
    tell("making certificates", 0);
    S1FLOW_TRY_VOID(crypto::generate_test_pki(world_.pki, options_.out / "pki"));
    S1FLOW_TRY_VOID(world_.read_certificates(options_.out / "pki"));
    S1FLOW_TRY_VOID(copy_schemas());
    S1FLOW_TRY(names_, FilePlan::make(world_.batch));
    S1FLOW_TRY(faults_, FaultPlan::make(world_, options_.installations, options_.faults,
                                        options_.fault_share));
    writer_ = std::make_unique<BatchWriter>(world_, options_.out);
    S1FLOW_TRY_VOID(writer_->open());
    S1FLOW_TRY(findings_, LineFile::create(options_.out / "expected-findings.jsonl"));
    S1FLOW_TRY(outcomes_, LineFile::create(options_.out / "expected-outcomes.jsonl"));
    for (std::uint64_t i = 0; i < options_.installations; ++i) {
      if (i % 10'000 == 0) tell("writing installations", i);
      S1FLOW_TRY_VOID(add(i));
    }
    S1FLOW_TRY_VOID(writer_->finish());
    S1FLOW_TRY_VOID(spoil_files());
    S1FLOW_TRY_VOID(write_exchange_faults());
    S1FLOW_TRY_VOID(writer_->write_epcl());
    if (script_) S1FLOW_TRY_VOID(script_->finish());
    S1FLOW_TRY_VOID(findings_->finish());
    S1FLOW_TRY_VOID(outcomes_->finish());
    // Last, so that a folder without it is no batch.
    S1FLOW_TRY_VOID(writer_->write_batch_toml(options_.rsa));
    result_.installations = options_.installations;
    return result_;
  }

 private:
  void tell(std::string_view step, std::uint64_t done) const {
    if (options_.progress) options_.progress({step, done, options_.installations});
  }

  Status copy_schemas() const {
    if (options_.layouts.empty()) return {};
    std::error_code code;
    std::filesystem::copy(options_.layouts, options_.out / "schemas",
                          std::filesystem::copy_options::recursive, code);
    if (code)
      return tl::unexpected(Error(
          ErrorKind::io, options_.layouts.string() + ": cannot be copied: " + code.message()));
    return {};
  }

  Status add(std::uint64_t index) {
    InstallationDraft d = world_.draft(index);
    faults_.apply(world_, index, d);
    S1FLOW_TRY(const Written written,
               writer_->add(d, faults_.moved(index, "inventory").value_or(kNone),
                            faults_.moved(index, "maf").value_or(kNone)));
    result_.faulty += d.faulty ? 1 : 0;
    if (d.hidden) return {};
    S1FLOW_TRY_VOID(expect_findings(d, written));
    S1FLOW_TRY_VOID(expect_outcome(d, written));
    return script(d);
  }

  [[nodiscard]] std::string name_of(ExpectedIn in, const InstallationDraft& d, const Written& w,
                                    unsigned meter) const {
    static constexpr std::string_view kTypes[] = {
        "inventory", "registration", "epcl", "maf", "mcf", "mvf", "mgf", "mef", "scf", "cof"};
    const auto& groups = world_.batch.smsos[d.smso].groups;
    const auto group =
        static_cast<std::size_t>(std::find(groups.begin(), groups.end(), d.group) - groups.begin());
    switch (in) {
      case ExpectedIn::inventory:
        return w.inventory_file;
      case ExpectedIn::registration:
        return writer_->name_of("registration");
      case ExpectedIn::epcl:
        return writer_->name_of("epcl");
      case ExpectedIn::maf:
        return w.maf_file[meter];
      default:
        break;
    }
    const std::string_view type = kTypes[static_cast<std::size_t>(in)];
    const bool grouped = type == "mgf" || type == "mef" || type == "scf";
    return names_.find(type, d.smso, d.day, grouped ? group : 0)->name;
  }

  Status expect(const Finding& f) {
    append_identity_json(findings_->line(), f);
    ++result_.findings;
    return findings_->end_line();
  }

  Status expect_findings(const InstallationDraft& d, const Written& w) {
    for (const ExpectedFinding& e : d.findings) {
      Finding f;
      f.rule = e.rule;
      f.severity = e.rule->severity;
      f.file = name_of(e.in, d, w, e.meter);
      f.field = e.field;
      f.seen = shown(e.seen);
      if (!e.record.empty())
        f.record = e.record;
      else if (e.by_position)
        f.record = fmt::format("installation {}", w.inventory_position);
      else if (e.in == ExpectedIn::maf && d.meters[e.meter].ragged_row)
        f.record = fmt::format("row {}", w.maf_position[e.meter]);
      else if (e.in == ExpectedIn::maf || e.in == ExpectedIn::registration)
        f.record = d.meters[e.meter].maf_mpxn.text();
      else
        f.record = d.id;
      S1FLOW_TRY_VOID(expect(f));
    }
    return {};
  }

  Status expect_outcome(const InstallationDraft& d, const Written& w) {
    OutcomeLine line;
    line.outcome = d.outcome.outcome;
    line.stage = d.outcome.stage;
    if (d.outcome.reason != nullptr) line.reason = std::string(d.outcome.reason->id);
    line.failure = d.outcome.failure;
    if (d.planned) {
      line.installation = d.id;
      append_json(outcomes_->line(), line);
      return outcomes_->end_line();
    }
    for (unsigned m = 0; m < 2; ++m) {
      if (!d.meters[m].present || !d.meters[m].in_maf) continue;
      line.file = w.maf_file[m];
      line.record = d.meters[m].ragged_row ? fmt::format("row {}", w.maf_position[m])
                                           : d.meters[m].maf_mpxn.text();
      append_json(outcomes_->line(), line);
      S1FLOW_TRY_VOID(outcomes_->end_line());
    }
    return {};
  }

  // ---- the script

  struct Event {
    std::string file, smso, installation, fault, step, code;
    std::optional<DeviceType> device;
    Date day;
    GroupId group;
    unsigned attempts = 0;
  };

  Status write_event(const Event& e) {
    namespace sc = codecs::script;
    if (!script_) {
      S1FLOW_TRY(script_, PlainWriter::create(options_.out / writer_->name_of("script"),
                                              world_.batch.layouts.preferred("script")));
    }
    Arena arena;
    codecs::Record r(sc::kType.record, arena);
    const auto text = [&](std::size_t field, std::string_view value) {
      if (!value.empty()) codecs::set_text(r[field], value);
    };
    text(sc::installation, e.installation);
    text(sc::step, e.step);
    text(sc::code, e.code);
    text(sc::file, e.file);
    text(sc::smso, e.smso);
    text(sc::fault, e.fault);
    if (e.device) codecs::set_code(r[sc::device], *e.device);
    if (e.attempts != 0) codecs::set_number(r[sc::attempts], e.attempts);
    if (!e.file.empty()) codecs::set(r[sc::day], e.day);
    if (!e.group.empty()) codecs::set(r[sc::group_id], e.group);
    S1FLOW_TRY(const std::uint64_t position, script_->add(r));
    (void)position;
    return {};
  }

  Status script(const InstallationDraft& d) {
    for (const ScriptLine& l : d.script) {
      Event e;
      e.installation = d.id;
      e.device = l.device;
      e.step = l.step;
      e.code = l.code;
      e.attempts = l.attempts;
      S1FLOW_TRY_VOID(write_event(e));
    }
    for (const auto& [type, rule] : d.exchange) {
      Event e;
      e.installation = d.id;
      e.file = type;
      e.smso = world_.batch.smsos[d.smso].tag;
      e.day = world_.batch.week.monday().plus_days(static_cast<int>(d.day));
      if (type == "mgf" || type == "mef" || type == "scf") e.group = d.group;
      e.fault = std::string(rule->id);
      S1FLOW_TRY_VOID(write_event(e));
    }
    return {};
  }

  // ---- whole files

  Status write_exchange_faults() {
    for (const ExchangeFault& fault : faults_.exchange()) {
      Event e;
      e.file = fault.type;
      e.smso = world_.batch.smsos[fault.smso].tag;
      e.day = world_.batch.week.monday().plus_days(static_cast<int>(fault.day));
      const bool grouped = fault.type == "mgf" || fault.type == "mef" || fault.type == "scf";
      if (grouped) e.group = world_.batch.smsos[fault.smso].groups[fault.group];
      e.fault = std::string(fault.rule->id);
      S1FLOW_TRY_VOID(write_event(e));
      Finding f;
      f.rule = fault.rule;
      f.severity = fault.rule->severity;
      f.file = file_name_of(fault);
      S1FLOW_TRY_VOID(expect(f));
      result_.file_faults.push_back(
          fmt::format("{} in {} {} {}{}", fault.rule->id, fault.type, e.smso, e.day.text(),
                      grouped ? " " + std::string(e.group.view()) : std::string()));
    }
    return {};
  }

  // Some faults change what the name repeats.
  [[nodiscard]] std::string file_name_of(const ExchangeFault& fault) const {
    const PlannedFile& planned = *names_.find(fault.type, fault.smso, fault.day, fault.group);
    if (fault.rule == &rules::file_name.rule) return "renamed-" + planned.name;
    ExchangeHeader header = planned.header;
    if (fault.rule == &rules::file_counter.rule)
      header.counter = world_.batch.last_counter(*header.sender);
    else if (fault.rule == &rules::file_group.rule)
      header.group = *GroupId::parse("ZZ");
    else
      return planned.name;
    const auto layout = world_.batch.layouts.preferred(fault.type);
    Arena arena;
    codecs::Record record(layout->type->header, arena);
    header.fill(record);
    return layout->file_name.make(record);
  }

  Status spoil_files() {
    for (std::size_t i = 0; i < faults_.plain().size(); ++i) {
      const PlainFault& fault = faults_.plain()[i];
      Path path = writer_->plain_path(i);
      S1FLOW_TRY(std::string text, read_text(path));
      std::filesystem::remove(path);
      spoil(*fault.rule, text, path);
      S1FLOW_TRY_VOID(write_whole(path, text));
      Finding f;
      f.rule = fault.rule;
      f.severity = fault.rule->severity;
      f.file = path.filename().string();
      S1FLOW_TRY_VOID(expect(f));
      result_.file_faults.push_back(fmt::format("{} in {}", fault.rule->id, f.file));
    }
    return {};
  }

  static void spoil(const Rule& rule, std::string& text, Path& path) {
    if (&rule == &codecs::kCsvMalformed) text += "12\"34\r\n";
    if (&rule == &codecs::kCsvHeader) text.insert(0, "X");
    if (&rule == &codecs::kCsvLimit) text += "\"" + std::string(100'000, '7') + "\"\r\n";
    if (&rule == &codecs::kTextEncoding) text.insert(text.size() / 2, "\xFF");
    if (&rule == &codecs::kJsonLimit)
      text += std::string(2'000, '[') + std::string(2'000, ']') + "\n";
    if (&rule == &codecs::kZipRefused) {
      text.insert(0, "PK\x03\x04");
      path.replace_extension(".zip");
    }
    if (&rule == &rules::file_name.rule)
      path = path.parent_path() / ("renamed-" + path.filename().string());
  }

  const GenerateOptions& options_;
  World world_;
  FilePlan names_;
  FaultPlan faults_;
  std::unique_ptr<BatchWriter> writer_;
  std::optional<LineFile> findings_, outcomes_;
  std::optional<PlainWriter> script_;
  GenerateResult result_;
};

}  // namespace

Result<GenerateResult> generate_week(const GenerateOptions& options) {
  if (options.installations == 0 || options.installations > 80'000'000)
    return tl::unexpected(usage_error("--installations must lie between 1 and 80,000,000"));
  if (!options.monday.is_monday()) return tl::unexpected(usage_error("--week must be a Monday"));
  return Generator(options).run();
}

std::vector<std::string> known_faults() {
  std::set<std::string> ids;
  for (const FaultEntry& e : all_faults()) ids.insert(std::string(e.rule->id));
  return {ids.begin(), ids.end()};
}

Result<std::vector<std::string>> generate_exceptions(const GenerateOptions& options) {
  std::vector<std::string> made;
  for (const std::string& id : known_faults()) {
    GenerateOptions one = options;
    one.out = options.out / id / "batch";
    one.installations = 40;
    one.faults = id;
    one.progress = {};
    S1FLOW_TRY(const GenerateResult generated, generate_week(one));
    (void)generated;
    // The files as they travel, with the fault in them, and what it leads to.
    DryRunOptions run;
    run.batch = one.out;
    run.out = options.out / id / "result";
    run.overwrite = options.overwrite;
    S1FLOW_TRY(const DryRunResult result, dry_run(run));
    (void)result;
    made.push_back(id);
    if (options.progress)
      options.progress({"making exception files", made.size(), known_faults().size()});
  }
  return made;
}

}  // namespace s1flow::pipeline
