// MAFs: each row against what SMSO, registration and PKI say (MTAD 17.20), then each installation
// as a whole.

#include <algorithm>

#include "codecs/files/maf.h"
#include "core/text.h"
#include "pipeline/rules/list.h"
#include "pipeline/single/maf_container.h"
#include "pipeline/week/row_lists.h"
#include "pipeline/week/steps.h"

namespace s1flow::pipeline {
namespace {

namespace maf = codecs::maf;
namespace crypto = codecs::crypto;

struct MafItem {
  WeekTable::MeterPlace place;
  std::uint8_t day = kNoDay;
  std::uint16_t operator_certificate = kNone16;
  std::array<std::uint16_t, 3> supplier_certificates{kNone16, kNone16, kNone16};
  bool supplier_commissions = false;
};

struct MafState final : WorkerState {
  std::vector<MafItem> items;
  WeekTable::Near near;
  CheckReport report;
};

class MafStep {
 public:
  explicit MafStep(RunContext& run) : run_(run), type_(*run.layout("maf")->type) {}

  Status file(const Path& path, std::uint16_t index) {
    S1FLOW_TRY(const bool zip, is_zip(path));
    if (!zip) return plain_file(path, index);
    S1FLOW_TRY(const OpenedMaf opened, OpenedMaf::open(path, std::nullopt, run_.batch.limits));
    if (!opened.fault()) return plain_file(opened.path(), index);
    name_ = path.filename().string();
    run_.maf_names.push_back(name_);
    return refuse(codecs::kZipRefused, opened.fault()->note);
  }

 private:
  Status plain_file(const Path& path, std::uint16_t index) {
    name_ = path.filename().string();
    index_ = index;
    run_.maf_names.push_back(name_);
    touched_.clear();
    unmatched_before_ = run_.unmatched.size();
    rejected_ = 0;
    duplicates_ = 0;
    if (!read_name())
      return refuse(rules::file_name.rule,
                    "the name has not the form " + run_.layout("maf")->file_name.text());
    const auto& repeated = run_.ledger->shared().repeated_mafs;
    if (const auto first = repeated.find(name_); first != repeated.end())
      return refuse(rules::file_counter.rule, first->second);
    PlainCallbacks callbacks;
    callbacks.make_state = [] { return std::make_unique<MafState>(); };
    callbacks.on_chunk = [this](Work& w) { return look(w); };
    callbacks.in_order = [this](Work& w) { return keep(w); };
    S1FLOW_TRY(PlainVerdict verdict, read_plain(path, run_.layout("maf"), run_.rules,
                                                run_.batch.limits, run_.runner, callbacks));
    if (verdict.accepted) {
      run_.maf_rows += verdict.records;
      run_.maf_duplicates += duplicates_;
    } else {
      undo();
    }
    if (verdict.accepted) run_.accepted_mafs.push_back(name_);
    run_.steps.push_back({"MAF " + name_, verdict.stages});
    run_.files.push_back({.type = "maf",
                          .name = name_,
                          .sender = run_.batch.name_of(sender_),
                          .recipient = run_.batch.name_of(run_.batch.dcc.eui),
                          .status = verdict.accepted ? "accepted" : "rejected",
                          .refused_by = verdict.refused_by,
                          .records = verdict.records,
                          .accepted = verdict.accepted ? verdict.records - rejected_ : 0,
                          .rejected = verdict.accepted ? rejected_ : verdict.records,
                          .bytes = verdict.bytes,
                          .given = true});
    run_.note_dropped_findings(name_, verdict.findings_dropped);
    S1FLOW_TRY_VOID(run_.findings.add(verdict.findings));
    return {};
  }

  bool read_name() {
    Arena arena;
    codecs::Record header(type_.header, arena);
    if (!run_.layout("maf")->file_name.read(name_, header)) return false;
    sender_ = codecs::as_eui64(header[maf::sender]);
    const std::string_view smso = header[maf::smso].text;
    return !header[maf::smso].present() || run_.batch.find_smso(smso) != nullptr;
  }

  Status refuse(const Rule& rule, std::string note) {
    Finding f;
    f.rule = &rule;
    f.severity = run_.rules.severity(rule);
    f.file = name_;
    f.note = std::move(note);
    S1FLOW_TRY_VOID(run_.findings.add({std::move(f)}));
    run_.files.push_back(
        {.type = "maf", .name = name_, .status = "rejected", .refused_by = &rule, .given = true});
    return {};
  }

  Status look(Work& work) {
    auto& state = static_cast<MafState&>(*work.state);
    state.items.clear();
    for (const codecs::Record& record : work.records()) {
      MafItem item = item_of(record, state.near);
      MafCheck check{run_.batch, run_.certificates, run_.parties, record,
                     sender_,    nullptr,           nullptr};
      if (item.place.row != kNoRow) {
        check.installation = &run_.table[item.place.row];
        check.meter = &check.installation->meters[item.place.meter];
      }
      for (const RuleEntry* e : rule_entries()) {
        if (e->maf == nullptr || !run_.rules.enabled(e->rule)) continue;
        // A row without a readable MPxN is nobody's; it has its finding already.
        if (!record[maf::mpxn].good()) continue;
        state.report.begin(e->rule);
        e->maf(check, state.report);
      }
      add_report(work.findings, state.report, run_.rules, name_, type_, record);
      state.items.push_back(item);
    }
    return {};
  }

  MafItem item_of(const codecs::Record& record, WeekTable::Near& near) const {
    MafItem item;
    const Mpxn mpxn = codecs::as_mpxn(record[maf::mpxn]);
    if (!mpxn.empty()) item.place = run_.table.find_mpxn(mpxn, near);
    if (const auto day = codecs::as_date(record[maf::migrate_on]);
        day && run_.batch.week.contains(*day))
      item.day = static_cast<std::uint8_t>(day->days_since_epoch() -
                                           run_.batch.week.monday().days_since_epoch());
    item.operator_certificate = run_.certificates.index(
        crypto::PartyRole::network_operator, codecs::as_serial(record[maf::operator_certificate]));
    item.supplier_commissions = codecs::as_flag(record[maf::supplier_commissions]);
    std::size_t n = 0;
    for (const codecs::GroupInstance& g : record.group(maf::supplier_certificate))
      if (n < item.supplier_certificates.size())
        item.supplier_certificates[n++] =
            run_.certificates.index(crypto::PartyRole::supplier, codecs::as_serial(g[maf::serial]));
    return item;
  }

  Status keep(Work& work) {
    run_.table.relax();
    auto& state = static_cast<MafState&>(*work.state);
    // Rows that gave no record have a finding and nothing else.
    for (const Finding& f : work.findings)
      if (f.rule == &codecs::kCsvRaggedRow || f.rule == &codecs::kJsonMalformed ||
          f.rule == &codecs::kJsonDuplicateKey)
        unmatched(f.record, *f.rule);
    for (std::size_t i = 0; i < state.items.size(); ++i) {
      const MafItem& item = state.items[i];
      const codecs::Record& record = work.records()[i];
      const Rule* spoiled = run_.spoiler(work.findings, record.ordinal);
      if (item.place.row == kNoRow) {
        // With its rule switched off, an unknown MPxN still cannot migrate.
        unmatched(codecs::record_name(type_, record),
                  spoiled != nullptr ? *spoiled : rules::maf_mpxn_not_registered.rule);
        continue;
      }
      MeterRow& meter = run_.table[item.place.row].meters[item.place.meter];
      if (meter.maf != kNone16) {
        ++rejected_;
        if (run_.rules.enabled(rules::maf_duplicate_row.rule))
          work.findings.push_back(record_finding(
              rules::maf_duplicate_row.rule, run_.rules, name_, type_, record, "mpxn",
              Mpxn::unpack(meter.mpxn).text(), "first in " + run_.maf_names[meter.maf]));
        ++duplicates_;
        continue;
      }
      touched_.push_back(item.place);
      meter.maf = index_;
      meter.maf_row = static_cast<std::uint32_t>(record.ordinal);
      run_.table[item.place.row].planned = true;
      if (spoiled != nullptr || item.day == kNoDay) {
        meter.maf_rule = run_.rules.index(
            spoiled != nullptr ? *spoiled : rules::maf_migrate_on_outside_week.rule);
        ++rejected_;
        continue;
      }
      meter.authorised = true;
      meter.day = item.day;
      meter.operator_certificate = item.operator_certificate;
      meter.supplier_certificates = item.supplier_certificates;
      meter.supplier_commissions = item.supplier_commissions;
    }
    return {};
  }

  void unmatched(const std::string& record, const Rule& rule) {
    ++rejected_;
    run_.unmatched.push_back({name_, record, run_.rules.index(rule)});
  }

  // A refused file authorises nothing.
  void undo() {
    run_.unmatched.resize(unmatched_before_);
    for (const WeekTable::MeterPlace& p : touched_) {
      run_.table.pace(p.row);
      InstallationRow& row = run_.table[p.row];
      MeterRow& meter = row.meters[p.meter];
      meter.maf = kNone16;
      meter.maf_rule = kNone16;
      meter.authorised = false;
      meter.supplier_commissions = false;
      meter.day = kNoDay;
      row.planned = row.meters[0].maf != kNone16 || row.meters[1].maf != kNone16;
    }
  }

  RunContext& run_;
  const codecs::FileType& type_;
  std::string name_;
  Eui64 sender_;
  std::uint16_t index_ = 0;
  std::vector<WeekTable::MeterPlace> touched_;
  std::size_t unmatched_before_ = 0;
  std::uint64_t rejected_ = 0;
  std::uint64_t duplicates_ = 0;
};

}  // namespace

Status read_mafs(RunContext& run) {
  MafStep step(run);
  for (std::size_t i = 0; i < run.batch.mafs.size(); ++i) {
    run.tell("reading MAFs", i, run.batch.mafs.size());
    S1FLOW_TRY_VOID(step.file(run.batch.mafs[i], static_cast<std::uint16_t>(i)));
  }
  return {};
}

namespace {

Status fill_day_rows(RunContext& run) {
  const std::size_t smsos = run.batch.smsos.size();
  const auto authorised = [&](auto use) {
    for (std::uint32_t r = 0; r < run.table.size(); ++r) {
      run.table.pace(r);
      const InstallationRow& row = run.table[r];
      if (row.authorised && row.smso < smsos) use(std::size_t{row.smso} * 7 + row.day, r);
    }
  };
  S1FLOW_TRY(run.day_rows, make_row_lists(run.table.store(), smsos * 7, authorised));
  return {};
}

}  // namespace

Status authorise(RunContext& run) {
  run.tell("matching authorisations");
  // So many findings are put away together.
  constexpr std::size_t kTogether = 1000;
  CheckReport report;
  std::vector<Finding> found;
  for (std::uint32_t r = 0; r < run.table.size(); ++r) {
    run.table.pace(r);
    InstallationRow& row = run.table[r];
    if (!row.planned) continue;
    S1FLOW_TRY_VOID(run.go_on());
    const AuthorisationCheck check{run.batch, run.parties, row};
    for (const RuleEntry* e : rule_entries()) {
      if (e->authorisation == nullptr || !run.rules.enabled(e->rule)) continue;
      report.begin(e->rule);
      e->authorisation(check, report);
    }
    const Rule* first = nullptr;
    const auto consider = [&](const Rule& rule) {
      if (first == nullptr || run.rules.index(rule) < run.rules.index(*first)) first = &rule;
    };
    for (const CheckReport::Item& item : report.items()) {
      const MeterRow& meter = row.meters[item.meter];
      Finding f;
      f.rule = item.rule;
      f.severity = run.rules.severity(*item.rule);
      f.file = run.maf_names[meter.maf];
      f.record = Mpxn::unpack(meter.mpxn).text();
      f.field = item.field;
      f.seen = shown(item.seen);
      f.note = item.note;
      f.place.ordinal = meter.maf_row;
      if (f.severity == Severity::error) consider(*item.rule);
      found.push_back(std::move(f));
    }
    report.clear();
    if (found.size() >= kTogether) {
      S1FLOW_TRY_VOID(run.findings.add(found));
      found.clear();
    }
    bool all = true;
    for (const MeterRow& m : row.meters) {
      if (!m.present()) continue;
      all = all && m.authorised;
      if (m.maf_rule != kNone16) consider(run.rules.rule(m.maf_rule));
    }
    if (first != nullptr || !all) {
      row.outcome = Outcome::not_authorised;
      row.stage = WeekStage::maf;
      row.reason =
          run.rules.index(first != nullptr ? *first : rules::maf_installation_incomplete.rule);
      continue;
    }
    for (const MeterRow& m : row.meters)
      if (m.present()) {
        row.day = m.day;
        row.by_supplier = m.supplier_commissions;
      }
    row.authorised = true;
    if (row.inventory_rule != kNone16)
      run.settle(r, WeekStage::inventory, run.rules.rule(row.inventory_rule));
  }
  S1FLOW_TRY_VOID(run.findings.add(found));
  return fill_day_rows(run);
}

}  // namespace s1flow::pipeline
