#include "pipeline/week/results.h"

#include <algorithm>
#include <map>
#include <span>
#include <tuple>
#include <utility>

#include "core/json_text.h"
#include "core/line_file.h"
#include "pipeline/rules/list.h"
#include "pipeline/week/row_lists.h"

namespace s1flow::pipeline {
namespace {

OutcomeLine line_of(const RunContext& run, const InstallationRow& row) {
  OutcomeLine line;
  line.installation = std::string(row.id.view());
  line.outcome = row.outcome;
  line.stage = row.stage;
  if (row.reason != kNone16) line.reason = std::string(run.rules.rule(row.reason).id);
  if (row.failure != kNone16) line.failure = run.procedures.failures[row.failure].code;
  return line;
}

void append_cell(std::string& out, std::string_view text, bool first = false) {
  if (!first) out.push_back(',');
  const bool quote = text.find_first_of(",\"\r\n") != std::string_view::npos;
  // A spreadsheet takes =, +, - and @ for a formula; such texts are prefixed, as everywhere in
  // reports for people.
  const bool formula =
      !text.empty() && std::string_view("=+-@\t").find(text.front()) != std::string_view::npos;
  if (!quote && !formula) {
    out += text;
    return;
  }
  out.push_back('"');
  if (formula) out.push_back('\'');
  for (const char c : text) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

// The combination of MTAD 5.2 that the installation is of.
std::string_view combination(const InstallationRow& row) {
  bool active = false, dormant = false;
  for (const MeterRow& m : row.meters) {
    active = active || (m.present() && m.active);
    dormant = dormant || (m.present() && !m.active);
  }
  if (active && dormant) return row.meters[0].active ? "5.2(e)(i)" : "5.2(e)(ii)";
  if (dormant) return "5.2(d)";
  if (row.by_supplier) return "5.2(b)";
  const bool several = row.meters[0].present() && row.meters[1].present() &&
                       row.meters[0].inventory_supplier != row.meters[1].inventory_supplier;
  return several ? "5.2(c)" : "5.2(a)";
}

std::string day_text(const RunContext& run, const InstallationRow& row) {
  std::uint8_t day = row.day;
  for (const MeterRow& m : row.meters)
    if (day == kNoDay && m.present()) day = m.day;
  return day == kNoDay ? std::string() : run.batch.week.monday().plus_days(day).text();
}

constexpr std::string_view kOutcomeHeader =
    "installation,smso,group,migrate_on,mpan,electricity_supplier,mprn,gas_supplier,combination,"
    "commissioned_by,outcome,stage,reason,"
    "failure,attempts";

void append_row(std::string& out, const RunContext& run, const InstallationRow& row) {
  const OutcomeLine line = line_of(run, row);
  append_cell(out, line.installation, true);
  append_cell(out, row.smso < run.batch.smsos.size()
                       ? std::string_view(run.batch.smsos[row.smso].tag)
                       : std::string_view());
  append_cell(out, GroupId::unpack(row.group).view());
  append_cell(out, day_text(run, row));
  for (const MeterRow& m : row.meters) {
    append_cell(out, m.present() ? Mpxn::unpack(m.mpxn).text() : std::string());
    append_cell(out, m.present() ? run.parties[m.inventory_supplier].text() : std::string());
  }
  append_cell(out, combination(row));
  append_cell(out, row.by_supplier ? "supplier" : "dcc");
  append_cell(out, name_of(line.outcome));
  append_cell(out, name_of(line.stage));
  append_cell(out, line.reason);
  append_cell(out, line.failure);
  append_cell(out, std::to_string(row.attempts));
}

// A result under this name below the output folder.
Result<LineFile> begin(RunContext& run, std::string name) {
  run.results.push_back(std::move(name));
  return LineFile::create(run.out / run.results.back());
}

}  // namespace

void append_json(std::string& out, const OutcomeLine& line) {
  JsonObject o(out);
  if (!line.installation.empty())
    o.text("installation", line.installation);
  else
    o.text("file", line.file).text("record", line.record);
  o.text("outcome", name_of(line.outcome)).text("stage", name_of(line.stage));
  if (!line.reason.empty()) o.text("reason", line.reason);
  if (!line.failure.empty()) o.text("failure", line.failure);
  o.finish();
}

Status write_findings(RunContext& run) {
  S1FLOW_TRY(LineFile file, begin(run, "findings.jsonl"));
  for (const std::string_view name : run.findings.files()) {
    std::vector<Finding> found = run.findings.of(name);
    run.table.relax();
    std::stable_sort(found.begin(), found.end(), reports_before);
    S1FLOW_TRY_VOID(run.go_on());
    for (const Finding& f : found) {
      append_json(file.line(), f);
      S1FLOW_TRY_VOID(file.end_line());
    }
  }
  return file.finish();
}

Status write_outcomes(RunContext& run) {
  S1FLOW_TRY(LineFile lines, begin(run, "outcomes.jsonl"));
  S1FLOW_TRY(LineFile table, begin(run, "outcomes.csv"));
  table.line() += kOutcomeHeader;
  S1FLOW_TRY_VOID(table.end_line());
  for (std::uint32_t r = 0; r < run.table.size(); ++r) {
    run.table.pace(r);
    const InstallationRow& row = run.table[r];
    if (!row.planned) continue;
    S1FLOW_TRY_VOID(run.go_on());
    append_json(lines.line(), line_of(run, row));
    S1FLOW_TRY_VOID(lines.end_line());
    append_row(table.line(), run, row);
    S1FLOW_TRY_VOID(table.end_line());
  }
  for (const UnmatchedRow& u : run.unmatched) {
    OutcomeLine line;
    line.file = u.file;
    line.record = u.record;
    line.outcome = Outcome::not_authorised;
    line.reason = std::string(run.rules.rule(u.reason).id);
    append_json(lines.line(), line);
    S1FLOW_TRY_VOID(lines.end_line());
    append_cell(table.line(), "", true);
    for (int i = 0; i < 9; ++i)
      append_cell(table.line(), i == 3 ? std::string_view(u.record) : std::string_view());
    append_cell(table.line(), name_of(line.outcome));
    append_cell(table.line(), name_of(line.stage));
    append_cell(table.line(), line.reason);
    append_cell(table.line(), "");
    append_cell(table.line(), "0");
    S1FLOW_TRY_VOID(table.end_line());
  }
  S1FLOW_TRY_VOID(lines.finish());
  return table.finish();
}

namespace {

// The planned rows that have a meter of a supplier, by PartyIndex.
Result<std::vector<std::span<std::uint32_t>>> rows_by_supplier(RunContext& run) {
  const auto planned = [&](auto use) {
    for (std::uint32_t r = 0; r < run.table.size(); ++r) {
      run.table.pace(r);
      const InstallationRow& row = run.table[r];
      if (!row.planned) continue;
      PartyIndex before = kNone16;
      for (const MeterRow& meter : row.meters) {
        const PartyIndex supplier = meter.present() ? meter.inventory_supplier : kNone16;
        if (supplier != kNone16 && supplier != before) use(supplier, r);
        before = supplier;
      }
    }
  };
  return make_row_lists(run.table.store(), run.parties.size(), planned);
}

}  // namespace

Status write_reports_for_parties(RunContext& run) {
  // MTAD 6.3(a)(iv): what the SMSO reports as ready for migration.
  S1FLOW_TRY(LineFile readiness, begin(run, "dormant-readiness.csv"));
  readiness.line() += "installation,smso,group,ready,reason";
  S1FLOW_TRY_VOID(readiness.end_line());
  for (std::uint32_t r = 0; r < run.table.size(); ++r) {
    run.table.pace(r);
    const InstallationRow& row = run.table[r];
    if (!row.planned) continue;
    bool dormant = false;
    for (const MeterRow& meter : row.meters)
      dormant = dormant || (meter.present() && !meter.active);
    if (!dormant) continue;
    const bool waits = row.inventory_rule != kNone16 &&
                       &run.rules.rule(row.inventory_rule) == &rules::inventory_not_ready.rule;
    append_cell(readiness.line(), row.id.view(), true);
    append_cell(readiness.line(), row.smso < run.batch.smsos.size()
                                      ? std::string_view(run.batch.smsos[row.smso].tag)
                                      : std::string_view());
    append_cell(readiness.line(), GroupId::unpack(row.group).view());
    append_cell(readiness.line(), waits ? "no" : "yes");
    append_cell(readiness.line(), waits ? rules::inventory_not_ready.rule.id : std::string_view());
    S1FLOW_TRY_VOID(readiness.end_line());
  }
  S1FLOW_TRY_VOID(readiness.finish());
  S1FLOW_TRY(const auto of_supplier, rows_by_supplier(run));
  for (std::size_t i = 0; i < of_supplier.size(); ++i) {
    const auto supplier = static_cast<PartyIndex>(i);
    if (of_supplier[i].empty() || run.parties[supplier].empty()) continue;
    S1FLOW_TRY(LineFile table,
               begin(run, "suppliers/" + run.parties[supplier].text() + "/outcomes.csv"));
    table.line() += kOutcomeHeader;
    S1FLOW_TRY_VOID(table.end_line());
    for (const std::uint32_t r : of_supplier[i]) {
      run.table.pace(r);
      S1FLOW_TRY_VOID(run.go_on());
      append_row(table.line(), run, run.table[r]);
      S1FLOW_TRY_VOID(table.end_line());
    }
    S1FLOW_TRY_VOID(table.finish());
  }
  // A MAF's exceptions go to the supplier that sent it.
  for (const std::string_view name : run.findings.files()) {
    if (std::find(run.maf_names.begin(), run.maf_names.end(), name) == run.maf_names.end())
      continue;
    const std::vector<Finding> found = run.findings.of(name);
    const auto& layout = run.layout("maf");
    Arena arena;
    codecs::Record header(layout->type->header, arena);
    if (!layout->file_name.read(name, header)) continue;
    S1FLOW_TRY(LineFile table, begin(run, "suppliers/" + codecs::as_eui64(header[1]).text() +
                                              "/exceptions-" + std::string(name)));
    table.line() += "maf,mpxn,rule,clause,severity,field,seen,meaning";
    S1FLOW_TRY_VOID(table.end_line());
    for (const Finding& f : found) {
      append_cell(table.line(), name, true);
      append_cell(table.line(), f.record);
      append_cell(table.line(), f.rule->id);
      append_cell(table.line(), f.rule->clause);
      append_cell(table.line(), name_of(f.severity));
      append_cell(table.line(), f.field);
      append_cell(table.line(), f.seen);
      append_cell(table.line(), f.rule->title);
      S1FLOW_TRY_VOID(table.end_line());
    }
    S1FLOW_TRY_VOID(table.finish());
  }
  return {};
}

void check_conservation(RunContext& run) {
  std::uint64_t planned = 0, settled = 0, authorised = 0, in_mcf = 0, mcf_accepted = 0, matched = 0,
                scf_passed = 0, cof_seen = 0, cof_ended = 0;
  std::uint64_t mcf_ended = 0;
  for (std::uint32_t r = 0; r < run.table.size(); ++r) {
    run.table.pace(r);
    const InstallationRow& row = run.table[r];
    for (const MeterRow& m : row.meters) matched += m.maf != kNone16 ? 1 : 0;
    if (!row.planned) continue;
    ++planned;
    settled += row.settled() ? 1 : 0;
    authorised += row.authorised ? 1 : 0;
    in_mcf += row.mcf != kNone16 ? 1 : 0;
    mcf_accepted += row.mcf_accepted ? 1 : 0;
    mcf_ended += row.mcf != kNone16 && !row.mcf_accepted && row.settled() ? 1 : 0;
    const bool goes_on = row.scf_seen && row.scf_result != static_cast<std::uint8_t>(1);
    scf_passed += goes_on ? 1 : 0;
    cof_seen += row.cof_seen ? 1 : 0;
    cof_ended += goes_on && !row.cof_seen && row.settled() ? 1 : 0;
  }
  const auto add = [&](std::string_view id, std::string_view title, std::uint64_t in,
                       std::uint64_t out) {
    run.conservation.push_back({std::string(id), std::string(title), in, out});
  };
  add("maf-rows", "Rows of accepted MAFs = rows of known meters + repeated rows + rows of nobody",
      run.maf_rows, matched + run.maf_duplicates + run.unmatched.size());
  add("outcomes", "Installations named by MAFs = installations with an outcome", planned, settled);
  std::uint64_t not_authorised = 0, before_mcf = 0;
  for (std::uint32_t r = 0; r < run.table.size(); ++r) {
    run.table.pace(r);
    const InstallationRow& row = run.table[r];
    if (!row.planned) continue;
    not_authorised += row.authorised ? 0 : 1;
    before_mcf += row.authorised && row.mcf == kNone16 ? 1 : 0;
  }
  add("authorised", "Installations named = authorised + not authorised", planned,
      authorised + not_authorised);
  add("mcf", "Authorised = in an accepted MCF + ended before it", authorised, in_mcf + before_mcf);
  add("mvf", "In an accepted MCF = accepted by its validation + rejected by it", in_mcf,
      mcf_accepted + mcf_ended);
  add("cof", "Passed by an SCF = in a COF + ended before it", scf_passed, cof_seen + cof_ended);
  for (const FileRecord& f : run.files)
    add("file:" + f.name, "Records of " + f.name + " = accepted + rejected", f.records,
        f.accepted + f.rejected);
}

namespace {

// Cells of the outcome cube, by the supplier of the first meter.
std::vector<report::OutcomeRow> outcome_cube(const RunContext& run) {
  std::map<std::tuple<PartyIndex, std::uint16_t, std::string, Outcome, std::string>, std::uint64_t>
      cube;
  for (std::uint32_t r = 0; r < run.table.size(); ++r) {
    run.table.pace(r);
    const InstallationRow& row = run.table[r];
    if (!row.planned) continue;
    const MeterRow& meter = row.meters[row.meters[0].present() ? 0 : 1];
    std::string reason;
    if (row.reason != kNone16) reason = std::string(run.rules.rule(row.reason).id);
    if (row.failure != kNone16) reason += " " + run.procedures.failures[row.failure].code;
    ++cube[{meter.inventory_supplier, row.group, day_text(run, row), row.outcome, reason}];
  }
  std::vector<report::OutcomeRow> rows;
  for (const auto& [key, count] : cube) {
    const auto& [supplier, group, day, outcome, reason] = key;
    report::OutcomeRow o;
    o.supplier_eui = run.parties[supplier].text();
    o.supplier_name = run.batch.name_of(run.parties[supplier]);
    o.group = GroupId::unpack(group).view();
    o.day = day;
    o.outcome = name_of(outcome);
    o.reason = reason;
    o.count = count;
    rows.push_back(std::move(o));
  }
  return rows;
}

std::vector<report::OutcomeTitle> outcome_titles() {
  using report::OutcomeKind;
  return {{"migrated", "Migrated", OutcomeKind::good},
          {"electricity-only", "Electricity side migrated", OutcomeKind::good},
          {"awaiting-supplier", "Awaiting the supplier's commissioning", OutcomeKind::good},
          {"retry", "To be tried again", OutcomeKind::open},
          {"parked", "Parked", OutcomeKind::open},
          {"not-authorised", "Not authorised", OutcomeKind::bad},
          {"rejected", "Rejected", OutcomeKind::bad},
          {"excluded", "Excluded", OutcomeKind::bad}};
}

std::vector<report::RuleFindings> findings_by_rule(const RunContext& run) {
  std::map<RuleIndex, report::RuleFindings> by_rule;
  for (const std::string_view name : run.findings.files())
    for (const Finding& f : run.findings.of(name)) {
      report::RuleFindings& r = by_rule[run.rules.index(*f.rule)];
      if (r.count++ == 0) {
        r.rule = f.rule->id;
        r.title = f.rule->title;
        r.severity = f.severity;
        r.scope = f.rule->scope;
        r.clause = f.rule->clause;
        r.public_code = f.rule->public_code;
      }
      if (r.examples.size() < report::kFindingExamples)
        r.examples.push_back({.file = f.file,
                              .record = f.record,
                              .field = f.field,
                              .seen = f.seen,
                              .line = f.place.line});
    }
  std::vector<report::RuleFindings> out;
  for (auto& [index, r] : by_rule) out.push_back(std::move(r));
  return out;
}

report::Week week_of(const RunContext& run) {
  report::Week w;
  w.monday = run.batch.week.monday().text();
  const auto add = [&](std::string_view role, std::string name, Eui64 eui) {
    w.parties.push_back({std::string(role), std::move(name), eui.text()});
  };
  for (const Smso& s : run.batch.smsos) {
    for (const GroupId g : s.groups) w.groups.emplace_back(g.view());
    add("requesting-party", s.tag, s.requesting_party);
    add("s1sp", s.tag, s.s1sp);
    add("dco", s.tag, s.dco);
  }
  std::sort(w.groups.begin(), w.groups.end());
  add("commissioning-party", run.batch.commissioning_party.name, run.batch.commissioning_party.eui);
  add("dcc", run.batch.dcc.name, run.batch.dcc.eui);
  for (const Party& p : run.batch.suppliers) add("supplier", p.name, p.eui);
  for (const Party& p : run.batch.network_operators) add("network-operator", p.name, p.eui);
  return w;
}

std::vector<report::FunnelStep> funnel_of(const RunContext& run) {
  std::uint64_t planned = 0, authorised = 0, in_mcf = 0, accepted = 0, passed = 0, commissioned = 0;
  for (std::uint32_t r = 0; r < run.table.size(); ++r) {
    run.table.pace(r);
    const InstallationRow& row = run.table[r];
    if (!row.planned) continue;
    ++planned;
    authorised += row.authorised ? 1 : 0;
    in_mcf += row.mcf != kNone16 ? 1 : 0;
    accepted += row.mcf_accepted && row.mvf_accepted ? 1 : 0;
    passed += row.scf_seen && row.scf_result != 1 ? 1 : 0;
    commissioned += row.outcome == Outcome::migrated || row.outcome == Outcome::electricity_only ||
                            row.outcome == Outcome::awaiting_supplier
                        ? 1
                        : 0;
  }
  return {{"maf-rows", "Rows of the MAFs", "rows", run.maf_rows},
          {"planned", "Installations named", "installations", planned},
          {"authorised", "Authorised", "installations", authorised},
          {"mcf", "In an MCF", "installations", in_mcf},
          {"mvf", "Accepted by the MVF", "installations", accepted},
          {"scf", "Passed by the SCF", "installations", passed},
          {"cof", "Commissioned, by the COF", "installations", commissioned}};
}

// Times per kind of step, over all files.
std::vector<report::Stage> stages_of(const RunContext& run) {
  std::vector<report::Stage> out;
  const auto kind_of = [](const std::string& step) {
    if (step.starts_with("make ")) return "make " + step.substr(5, step.find(' ', 5) - 5);
    return step.substr(0, step.find(' '));
  };
  for (const StepStats& s : run.steps)
    for (const StageStats& g : s.stages) {
      const std::string kind = kind_of(s.step);
      auto it = std::find_if(out.begin(), out.end(), [&](const report::Stage& x) {
        return x.step == kind && x.stage == g.name;
      });
      if (it == out.end()) {
        out.push_back({.step = kind, .stage = g.name});
        it = out.end() - 1;
      }
      it->records += g.records;
      it->bytes += g.bytes;
      it->busy += std::chrono::nanoseconds(static_cast<std::int64_t>(g.busy_seconds * 1e9));
      it->waiting += std::chrono::nanoseconds(static_cast<std::int64_t>(g.waiting_seconds * 1e9));
    }
  return out;
}

}  // namespace

report::DryRun make_dry_run_report(const RunContext& run) {
  report::DryRun d;
  d.week = week_of(run);
  d.funnel = funnel_of(run);
  d.findings = findings_by_rule(run);
  d.outcomes.titles = outcome_titles();
  d.outcomes.rows = outcome_cube(run);
  std::map<std::string, std::string> reasons;
  for (const report::OutcomeRow& r : d.outcomes.rows) {
    if (r.reason.empty()) continue;
    const std::size_t blank = r.reason.find(' ');
    const Rule* rule = find_rule(std::string_view(r.reason).substr(0, blank));
    std::string title = rule == nullptr ? r.reason : std::string(rule->title);
    if (blank != std::string::npos) {
      const FailureIndex f = run.procedures.find(std::string_view(r.reason).substr(blank + 1));
      if (f != kNoFailure) title = run.procedures.failures[f].title;
    }
    reasons.emplace(r.reason, std::move(title));
  }
  for (auto& [id, title] : reasons) d.outcomes.reasons.push_back({id, title});
  for (const FileRecord& f : run.files) {
    report::File file;
    file.type = f.type;
    file.name = f.name;
    file.sender = f.sender;
    file.recipient = f.recipient;
    file.group = f.group;
    file.day = f.day;
    file.status = f.status == "accepted"  ? report::FileStatus::accepted
                  : f.status == "written" ? report::FileStatus::written
                                          : report::FileStatus::rejected;
    if (f.refused_by != nullptr) file.rejected_by = f.refused_by->id;
    file.records_in = f.records;
    file.accepted = f.accepted;
    file.rejected = f.rejected;
    file.bytes = f.bytes;
    file.sha256 = f.sha256;
    file.origin = f.given ? report::FileOrigin::given : report::FileOrigin::made;
    d.files.push_back(std::move(file));
  }
  d.stages = stages_of(run);
  for (const Conservation& c : run.conservation)
    d.conservation.push_back({c.id, c.title, c.in, c.out, c.in == c.out});
  return d;
}

}  // namespace s1flow::pipeline
