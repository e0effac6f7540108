// MCF and MVF: the Commissioning Party validates the common file of one SMSO and day and answers
// with its verdict on every installation; the others read the answer.

#include <algorithm>

#include "codecs/files/mcf.h"
#include "codecs/files/mvf.h"
#include "pipeline/rules/list.h"
#include "pipeline/week/day_file.h"
#include "pipeline/week/made_file.h"
#include "pipeline/week/steps.h"

namespace s1flow::pipeline {
namespace {

namespace mcf = codecs::mcf;
namespace mvf = codecs::mvf;

struct McfItem {
  std::uint32_t row = kNoRow;
  std::vector<DeviceRow> devices;
};

struct McfState final : WorkerState {
  std::vector<McfItem> items;
  WeekTable::Near near;
  CheckReport report;
};

// What the MVF says of a record beyond its acceptance, and who it is when the table does not know.
struct MvfNote {
  std::string stranger;
  std::vector<std::pair<const Rule*, std::string>> reasons;
};

// One line of the MVF. Most are of a row, and accepted: there is one for each installation, so it
// is small.
struct MvfEntry {
  static constexpr std::uint32_t kNoNote = 0xFFFFFFFF;
  std::uint32_t row = kNoRow;
  std::uint32_t note = kNoNote;
};

class McfStep {
 public:
  McfStep(RunContext& run, std::size_t smso, unsigned day)
      : run_(run), smso_(smso), day_(day), number_(RunContext::mcf_number(smso, day)) {}

  Result<bool> check() {
    PlannedFile& planned = *run_.plan.find("mcf", smso_, day_);
    run_.unknown_in_mcf.clear();
    if (planned.path().empty() && mark_alive(run_, smso_, day_) == 0)
      return false;  // nobody migrates that day
    name_ = planned.path().empty() ? planned.name : planned.path().filename().string();
    ReadCallbacks callbacks;
    callbacks.make_state = [] { return std::make_unique<McfState>(); };
    callbacks.on_chunk = [this](Work& w) { return look(w); };
    callbacks.in_order = [this](Work& w) { return keep(w); };
    S1FLOW_TRY(const DayReading reading,
               read_day_file(run_, planned, callbacks, {}, [this] { return rejected_; }));
    if (!reading.accepted) {
      undo();
      for_each_alive(run_, smso_, day_, {},
                     [&](std::uint32_t r) { run_.settle(r, WeekStage::mcf, *reading.refused_by); });
      return false;
    }
    std::vector<Finding> missing;
    for_each_alive(run_, smso_, day_, {}, [&](std::uint32_t r) {
      if (run_.table[r].mcf == number_) return;
      missing.push_back(absent_finding(run_, rules::record_missing.rule, name_, r));
      run_.settle(r, WeekStage::mcf, rules::record_missing.rule);
    });
    S1FLOW_TRY_VOID(run_.findings.add(missing));
    S1FLOW_TRY_VOID(answer());
    return true;
  }

 private:
  Status look(Work& work) {
    auto& state = static_cast<McfState&>(*work.state);
    const codecs::FileType& type = *run_.layout("mcf")->type;
    state.items.clear();
    for (const codecs::Record& record : work.records()) {
      McfItem item;
      if (record[mcf::installation_id].good())
        item.row = run_.table.find(record[mcf::installation_id].text, state.near);
      for (const codecs::GroupInstance& d : record.group(mcf::device))
        if (const auto t = codecs::as_code<DeviceType>(d[mcf::type]); t && d[mcf::id].good())
          item.devices.push_back({codecs::as_eui64(d[mcf::id]), *t});
      const McfCheck check{run_.batch,
                           run_.pki,
                           run_.parties,
                           run_.epcl,
                           record,
                           run_.batch.smsos[smso_],
                           static_cast<std::uint8_t>(day_),
                           item.row == kNoRow ? nullptr : &run_.table[item.row]};
      for (const RuleEntry* e : rule_entries()) {
        if (e->mcf == nullptr || !run_.rules.enabled(e->rule)) continue;
        state.report.begin(e->rule);
        e->mcf(check, state.report);
      }
      add_report(work.findings, state.report, run_.rules, name_, type, record);
      state.items.push_back(std::move(item));
    }
    return {};
  }

  Status keep(Work& work) {
    auto& state = static_cast<McfState&>(*work.state);
    std::size_t devices = 0;
    for (const McfItem& item : state.items) devices += item.devices.size();
    S1FLOW_TRY_VOID(run_.table.make_room(0, devices));
    for (std::size_t i = 0; i < state.items.size(); ++i) {
      const McfItem& item = state.items[i];
      const codecs::Record& record = work.records()[i];
      if (!record[mcf::installation_id].good()) {
        ++rejected_;
        continue;
      }
      if (item.row != kNoRow && run_.table[item.row].mcf != kNone16) {
        run_.plan.find("mcf", smso_, day_)->repeated.push_back(record.ordinal);
        add(work, rules::record_duplicate, record, "installation-id",
            record[mcf::installation_id].text);
        ++rejected_;
        continue;
      }
      find_duplicate_devices(work, record, item);
      const Rule* spoiled = run_.spoiler(work.findings, record.ordinal);
      MvfNote note;
      if (item.row == kNoRow) note.stranger = record[mcf::installation_id].text;
      if (spoiled != nullptr) {
        ++rejected_;
        for (const Finding& f : work.findings)
          if (f.place.ordinal == record.ordinal && f.severity == Severity::error)
            note.reasons.emplace_back(f.rule, f.field);
      }
      MvfEntry entry{.row = item.row};
      if (!note.stranger.empty() || !note.reasons.empty()) {
        entry.note = static_cast<std::uint32_t>(notes_.size());
        notes_.push_back(std::move(note));
      }
      entries_.push_back(entry);
      if (item.row == kNoRow) {
        run_.unknown_in_mcf.emplace(record[mcf::installation_id].text);
        continue;
      }
      InstallationRow& row = run_.table[item.row];
      touched_.push_back(item.row);
      row.mcf = number_;
      row.mcf_accepted = spoiled == nullptr;
      run_.table.set_devices(item.row, item.devices);
      if (spoiled != nullptr) run_.settle(item.row, WeekStage::mcf, *spoiled);
    }
    return {};
  }

  void find_duplicate_devices(Work& work, const codecs::Record& record, const McfItem& item) {
    if (!run_.rules.enabled(rules::mcf_device_duplicate.rule)) return;
    for (std::size_t k = 0; k < item.devices.size(); ++k) {
      const DeviceRow& d = item.devices[k];
      bool twice = run_.table.find_device(d.id) != kNoRow;
      for (std::size_t j = 0; j < k && !twice; ++j) {
        // Hub and gas proxy with one id have a rule of their own.
        const bool hub_and_proxy =
            (item.devices[j].type == DeviceType::chf && d.type == DeviceType::gpf) ||
            (item.devices[j].type == DeviceType::gpf && d.type == DeviceType::chf);
        twice = item.devices[j].id == d.id && !hub_and_proxy;
      }
      if (twice) add(work, rules::mcf_device_duplicate, record, "device.id", d.id.text());
    }
  }

  void add(Work& work, const RuleEntry& entry, const codecs::Record& record, std::string_view field,
           std::string_view seen) {
    if (run_.rules.enabled(entry.rule))
      work.findings.push_back(record_finding(entry.rule, run_.rules, name_,
                                             *run_.layout("mcf")->type, record, field, seen, {}));
  }

  void undo() {
    for (const std::uint32_t r : touched_) {
      run_.table.pace(r);
      InstallationRow& row = run_.table[r];
      row.mcf = kNone16;
      row.mcf_accepted = false;
      row.device_count = 0;
      if (row.stage == WeekStage::mcf) row.outcome = Outcome::none;
    }
    run_.unknown_in_mcf.clear();
  }

  Status answer() {
    PlannedFile& planned = *run_.plan.find("mvf", smso_, day_);
    const PlannedFile& mcf_file = *run_.plan.find("mcf", smso_, day_);
    planned.header.mcf_sender = mcf_file.header.sender;
    planned.header.mcf_counter = mcf_file.header.counter;
    if (!planned.given.empty() || take_finished(run_, planned)) return {};
    const auto& layout = run_.layout("mvf");
    ExchangeHeader header = planned.header;
    header.record_count = entries_.size();
    S1FLOW_TRY(ExchangeWriter writer, begin_file(run_, planned, header));
    Arena arena;
    std::string out;
    const MvfNote none;
    for (const MvfEntry& e : entries_) {
      if (e.row != kNoRow) run_.table.pace(e.row);
      codecs::Record r(layout->type->record, arena);
      const MvfNote& note = e.note == MvfEntry::kNoNote ? none : notes_[e.note];
      codecs::set_text(r[mvf::installation_id], e.row == kNoRow ? std::string_view(note.stranger)
                                                                : run_.table[e.row].id.view());
      codecs::set_code(r[mvf::result],
                       note.reasons.empty() ? mvf::Result::accepted : mvf::Result::rejected);
      for (const auto& [rule, field] : note.reasons) {
        codecs::GroupInstance& reason = r.add(mvf::reason);
        codecs::set_text(reason[mvf::rule], rule->id);
        if (!field.empty()) codecs::set_text(reason[mvf::field], field);
      }
      const codecs::Record* one = &r;
      writer.encoder().encode({&one, 1}, nullptr, out);
      if (out.size() > 128 * 1024) {
        S1FLOW_TRY_VOID(writer.append(out, 0));
        out.clear();
        arena.reset();
      }
    }
    S1FLOW_TRY_VOID(writer.append(out, entries_.size()));
    S1FLOW_TRY_VOID(end_file(run_, planned, writer));
    return {};
  }

  RunContext& run_;
  std::size_t smso_;
  unsigned day_;
  std::uint16_t number_;
  std::string name_;
  std::vector<MvfEntry> entries_;
  std::vector<MvfNote> notes_;
  std::vector<std::uint32_t> touched_;
  std::uint64_t rejected_ = 0;
};

}  // namespace

Result<bool> check_mcf(RunContext& run, std::size_t smso, unsigned day) {
  return McfStep(run, smso, day).check();
}

Result<bool> read_mvf(RunContext& run, std::size_t smso, unsigned day) {
  PlannedFile& planned = *run.plan.find("mvf", smso, day);
  const std::uint16_t number = RunContext::mcf_number(smso, day);
  const std::string name =
      planned.path().empty() ? planned.name : planned.path().filename().string();
  const codecs::FileType& type = *run.layout("mvf")->type;
  std::vector<std::uint32_t> touched;
  WeekTable::Near near;
  std::uint64_t rejected = 0;
  ReadCallbacks callbacks;
  callbacks.in_order = [&](Work& work) -> Status {
    run.table.relax();
    for (const codecs::Record& record : work.records()) {
      const auto add = [&](const RuleEntry& entry, std::string_view seen) {
        if (run.rules.enabled(entry.rule))
          work.findings.push_back(record_finding(entry.rule, run.rules, name, type, record,
                                                 "installation-id", seen, {}));
      };
      if (!record[mvf::installation_id].good()) continue;
      const std::string_view id = record[mvf::installation_id].text;
      const std::uint32_t r = run.table.find(id, near);
      if (r == kNoRow || run.table[r].mcf != number) {
        ++rejected;
        if (!run.unknown_in_mcf.contains(id)) add(rules::record_unknown, id);
        continue;
      }
      InstallationRow& row = run.table[r];
      if (row.mvf_seen) {
        ++rejected;
        add(rules::record_duplicate, id);
        continue;
      }
      row.mvf_seen = true;
      touched.push_back(r);
      row.mvf_accepted = codecs::as_code<mvf::Result>(record[mvf::result]) == mvf::Result::accepted;
      if (!row.mvf_accepted) ++rejected;
      if (row.mvf_accepted == row.mcf_accepted) continue;
      if (run.rules.enabled(rules::mvf_disagrees.rule))
        work.findings.push_back(record_finding(rules::mvf_disagrees.rule, run.rules, name, type,
                                               record, "result",
                                               row.mvf_accepted ? "accepted" : "rejected", {}));
      // What the Commissioning Party rejects does not go on, whatever we think of it.
      if (!row.mvf_accepted) run.settle(r, WeekStage::mvf, rules::mvf_disagrees.rule);
    }
    return {};
  };
  S1FLOW_TRY(const DayReading reading,
             read_day_file(run, planned, callbacks, {}, [&] { return rejected; }));
  if (!reading.accepted) {
    for (const std::uint32_t r : touched) {
      run.table.pace(r);
      run.table[r].mvf_seen = false;
      if (run.table[r].stage == WeekStage::mvf) run.table[r].outcome = Outcome::none;
    }
    for_each_alive(run, smso, day, {},
                   [&](std::uint32_t r) { run.settle(r, WeekStage::mvf, *reading.refused_by); });
    return false;
  }
  std::vector<Finding> missing;
  for (const std::uint32_t r : run.rows_of(smso, day)) {
    run.table.pace(r);
    if (run.table[r].mcf != number || run.table[r].mvf_seen) continue;
    missing.push_back(absent_finding(run, rules::record_missing.rule, name, r));
    run.settle(r, WeekStage::mvf, rules::record_missing.rule);
  }
  S1FLOW_TRY_VOID(run.findings.add(missing));
  return true;
}

}  // namespace s1flow::pipeline
