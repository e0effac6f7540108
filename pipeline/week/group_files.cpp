// MGF and MEF of each GroupID: the S1SP and the DCO look whether the required file set is there.

#include <algorithm>

#include "codecs/files/mef.h"
#include "codecs/files/mgf.h"
#include "pipeline/rules/list.h"
#include "pipeline/week/day_file.h"
#include "pipeline/week/steps.h"

namespace s1flow::pipeline {
namespace {

namespace crypto = codecs::crypto;

struct GroupState final : WorkerState {
  std::vector<std::uint32_t> rows;
  WeekTable::Near near;
  CheckReport report;
};

// What differs between the two files.
struct Kind {
  std::string_view type;
  WeekStage stage;
  void (*RuleEntry::*check)(const GroupFileCheck&, CheckReport&);
  bool InstallationRow::*seen;
  bool InstallationRow::*good;
};
constexpr Kind kMgf{"mgf", WeekStage::mgf, &RuleEntry::mgf, &InstallationRow::mgf_seen,
                    &InstallationRow::mgf_good};
constexpr Kind kMef{"mef", WeekStage::mef, &RuleEntry::mef, &InstallationRow::mef_seen,
                    &InstallationRow::mef_good};
// Without the keys of both recipients the shares stay closed, and what they hold cannot be asked.
constexpr Kind kClosedMef{"mef", WeekStage::mef, nullptr, &InstallationRow::mef_seen,
                          &InstallationRow::mef_good};

class GroupFileStep {
 public:
  GroupFileStep(RunContext& run, const Kind& kind, std::size_t smso, unsigned day,
                std::size_t group)
      : run_(run),
        kind_(kind),
        type_(*run.layout(kind.type)->type),
        smso_(smso),
        day_(day),
        group_index_(group),
        group_(run.batch.smsos[smso].groups[group]),
        number_(RunContext::mcf_number(smso, day)) {}

  Status run(std::span<const crypto::KeyHolder> holders) {
    if (mark_alive(run_, smso_, day_, group_) == 0) return {};
    PlannedFile& planned = *run_.plan.find(kind_.type, smso_, day_, group_index_);
    name_ = planned.path().empty() ? planned.name : planned.path().filename().string();
    ReadCallbacks callbacks;
    callbacks.make_state = [] { return std::make_unique<GroupState>(); };
    callbacks.on_chunk = [this](Work& w) { return look(w); };
    callbacks.in_order = [this](Work& w) { return keep(w); };
    S1FLOW_TRY(const DayReading reading,
               read_day_file(run_, planned, callbacks, holders, [this] { return rejected_; }));
    if (!reading.accepted) {
      for (const std::uint32_t r : touched_) {
        run_.table.pace(r);
        run_.table[r].*kind_.seen = false;
        if (run_.table[r].stage == kind_.stage) run_.table[r].outcome = Outcome::none;
      }
      for_each_alive(run_, smso_, day_, group_,
                     [&](std::uint32_t r) { run_.settle(r, kind_.stage, *reading.refused_by); });
      return {};
    }
    std::vector<Finding> missing;
    for_each_alive(run_, smso_, day_, group_, [&](std::uint32_t r) {
      if (run_.table[r].*kind_.seen) return;
      missing.push_back(absent_finding(run_, rules::record_missing.rule, name_, r));
      run_.settle(r, kind_.stage, rules::record_missing.rule);
    });
    S1FLOW_TRY_VOID(run_.findings.add(missing));
    return {};
  }

 private:
  Status look(Work& work) {
    auto& state = static_cast<GroupState&>(*work.state);
    state.rows.clear();
    for (const codecs::Record& record : work.records()) {
      const std::uint32_t r =
          record[0].good() ? run_.table.find(record[0].text, state.near) : kNoRow;
      state.rows.push_back(r);
      if (r == kNoRow || !run_.table[r].alive || run_.table[r].mcf != number_) continue;
      const std::vector<DeviceRow> devices = run_.table.devices(r);
      const GroupFileCheck check{run_.batch, *run_.layout(kind_.type), record, group_, devices};
      for (const RuleEntry* e : rule_entries()) {
        if (kind_.check == nullptr || e->*kind_.check == nullptr || !run_.rules.enabled(e->rule))
          continue;
        // A share that did not open has its finding; what it holds cannot be asked.
        if (spoiled_before(work, record)) continue;
        state.report.begin(e->rule);
        (e->*kind_.check)(check, state.report);
      }
      add_report(work.findings, state.report, run_.rules, name_, type_, record);
    }
    return {};
  }

  static bool spoiled_before(const Work& work, const codecs::Record& record) {
    return std::any_of(work.findings.begin(), work.findings.end(), [&](const Finding& f) {
      return f.place.ordinal == record.ordinal && f.rule == &rules::mef_cannot_open.rule;
    });
  }

  Status keep(Work& work) {
    run_.table.relax();
    const auto& state = static_cast<const GroupState&>(*work.state);
    for (std::size_t i = 0; i < state.rows.size(); ++i) {
      const codecs::Record& record = work.records()[i];
      const std::uint32_t r = state.rows[i];
      if (!record[0].good()) {
        ++rejected_;
        continue;
      }
      if (r == kNoRow || run_.table[r].mcf != number_) {
        ++rejected_;
        add(work, rules::record_unknown, record);
        continue;
      }
      InstallationRow& row = run_.table[r];
      if (row.*kind_.seen) {
        ++rejected_;
        add(work, rules::record_duplicate, record);
        continue;
      }
      row.*kind_.seen = true;
      touched_.push_back(r);
      if (!row.alive) {
        // Rejected before: nobody looks at its credentials. Findings that decoding made are of no
        // use either.
        std::erase_if(work.findings,
                      [&](const Finding& f) { return f.place.ordinal == record.ordinal; });
        continue;
      }
      const Rule* spoiled = run_.spoiler(work.findings, record.ordinal);
      row.*kind_.good = spoiled == nullptr;
      if (spoiled == nullptr) continue;
      ++rejected_;
      run_.settle(r, kind_.stage, *spoiled);
    }
    return {};
  }

  void add(Work& work, const RuleEntry& entry, const codecs::Record& record) {
    if (run_.rules.enabled(entry.rule))
      work.findings.push_back(record_finding(entry.rule, run_.rules, name_, type_, record,
                                             "installation-id", record[0].text, {}));
  }

  RunContext& run_;
  const Kind& kind_;
  const codecs::FileType& type_;
  std::size_t smso_;
  unsigned day_;
  std::size_t group_index_;
  GroupId group_;
  std::uint16_t number_;
  std::string name_;
  std::vector<std::uint32_t> touched_;
  std::uint64_t rejected_ = 0;
};

// The keys of S1SP and DCO, as far as the pki folder has them.
std::vector<crypto::KeyHolder> holders_of(RunContext& run, const Smso& smso) {
  std::vector<crypto::KeyHolder> holders;
  const auto add = [&](crypto::PartyRole role, Eui64 eui) {
    for (const auto use :
         {crypto::CertificateUse::key_agreement, crypto::CertificateUse::key_encipherment}) {
      const bool wanted = (run.batch.key_transport == KeyTransport::rsa_oaep) ==
                          (use == crypto::CertificateUse::key_encipherment);
      const crypto::PkiAnswer answer = run.pki.find_with_key(role, eui, use, run.batch.clock);
      if (answer.status == crypto::CertificateStatus::ok && wanted)
        holders.push_back(
            {.certificate = answer.entry->certificate, .key = answer.entry->key(), .key_name = {}});
    }
  };
  add(crypto::PartyRole::s1sp, smso.s1sp);
  add(crypto::PartyRole::dco, smso.dco);
  return holders;
}

}  // namespace

Status read_group_files(RunContext& run, std::size_t smso, unsigned day) {
  const std::vector<crypto::KeyHolder> holders = holders_of(run, run.batch.smsos[smso]);
  if (holders.size() < 2) {
    const std::string warning =
        "The pki folder lacks a key of S1SP or DCO of SMSO " + run.batch.smsos[smso].tag +
        ": MEF shares stay closed and their required file sets are not checked";
    if (std::find(run.warnings.begin(), run.warnings.end(), warning) == run.warnings.end())
      run.warnings.push_back(warning);
  }
  for (std::size_t g = 0; g < run.batch.smsos[smso].groups.size(); ++g) {
    S1FLOW_TRY_VOID(GroupFileStep(run, kMgf, smso, day, g).run({}));
    const bool open = holders.size() == 2;
    S1FLOW_TRY_VOID(GroupFileStep(run, open ? kMef : kClosedMef, smso, day, g)
                        .run(open ? holders : std::vector<crypto::KeyHolder>{}));
  }
  return {};
}

}  // namespace s1flow::pipeline
