// The SMSOs' inventories and the registration data become rows of the week's table.

#include "codecs/files/inventory.h"

#include <algorithm>

#include "codecs/files/registration.h"
#include "pipeline/rules/list.h"
#include "pipeline/week/steps.h"

namespace s1flow::pipeline {
namespace {

namespace inv = codecs::inventory;

// What the parallel stage makes of one record.
struct InventoryItem {
  InstallationRow row;
  std::array<Eui64, 2> suppliers;
  bool usable = false;  // has an id
};

struct InventoryState final : WorkerState {
  std::vector<InventoryItem> items;
  CheckReport report;
};

void fill_meter(const codecs::Record& record, const codecs::GroupInstance& device, MeterRow& meter,
                Eui64& supplier) {
  meter.active = codecs::as_code<MeterStatus>(device[inv::status]) != MeterStatus::dormant;
  supplier = codecs::as_eui64(device[inv::supplier]);
  for (const codecs::GroupInstance& p : record.group(inv::meter_point)) {
    const auto role = codecs::as_code<codecs::MeterPointRole>(p[inv::role]);
    if (p.parent == &device && (!role || *role == codecs::MeterPointRole::import_))
      meter.mpxn = codecs::as_mpxn(p[inv::mpxn]).packed();
  }
}

DeviceModel model_of(const codecs::GroupInstance& device) {
  const auto text = [&](std::size_t field) {
    return device[field].good() ? device[field].text : std::string_view();
  };
  return {text(inv::manufacturer), text(inv::model), text(inv::firmware)};
}

class InventoryStep {
 public:
  explicit InventoryStep(RunContext& run) : run_(run) {}

  Status file(const Path& path, std::size_t index) {
    index_ = index;
    name_ = path.filename().string();
    PlainCallbacks callbacks;
    callbacks.make_state = [] { return std::make_unique<InventoryState>(); };
    callbacks.on_chunk = [this](Work& w) { return look(w); };
    callbacks.in_order = [this](Work& w) { return keep(w); };
    const std::uint32_t first = run_.table.size();
    S1FLOW_TRY(PlainVerdict verdict, read_plain(path, run_.layout("inventory"), run_.rules,
                                                run_.batch.limits, run_.runner, callbacks));
    const std::uint64_t kept = run_.table.size() - first;
    // Nothing in a refused file counts: its rows are emptied, so that nobody finds them.
    if (!verdict.accepted)
      for (std::uint32_t r = first; r < run_.table.size(); ++r) {
        run_.table.pace(r);
        run_.table[r] = InstallationRow{};
      }
    run_.steps.push_back({"inventory " + name_, verdict.stages});
    run_.files.push_back({.type = "inventory",
                          .name = name_,
                          .status = verdict.accepted ? "accepted" : "rejected",
                          .refused_by = verdict.refused_by,
                          .records = verdict.records,
                          .accepted = verdict.accepted ? kept : 0,
                          .rejected = verdict.accepted ? verdict.records - kept : verdict.records,
                          .bytes = verdict.bytes,
                          .given = true});
    run_.note_dropped_findings(name_, verdict.findings_dropped);
    S1FLOW_TRY_VOID(run_.findings.add(verdict.findings));
    return {};
  }

 private:
  Status look(Work& work) {
    auto& state = static_cast<InventoryState&>(*work.state);
    state.items.clear();
    const codecs::Layout& mef = *run_.layout("mef");
    for (const codecs::Record& record : work.records()) {
      const InventoryCheck check{run_.batch, mef, record};
      for (const RuleEntry* e : rule_entries()) {
        if (e->inventory == nullptr || !run_.rules.enabled(e->rule)) continue;
        state.report.begin(e->rule);
        e->inventory(check, state.report);
      }
      add_report(work.findings, state.report, run_.rules, name_, *run_.layout("inventory")->type,
                 record);
      state.items.push_back(item_of(record));
    }
    return {};
  }

  InventoryItem item_of(const codecs::Record& record) const {
    InventoryItem item;
    InstallationRow& row = item.row;
    const auto id = record[inv::installation_id].good()
                        ? parse_installation_id(record[inv::installation_id].text)
                        : std::nullopt;
    if (!id) return item;
    item.usable = true;
    row.id = *id;
    row.inventory_file = static_cast<std::uint16_t>(index_);
    row.inventory_line = static_cast<std::uint32_t>(record.ordinal);
    row.group = codecs::as_group_id(record[inv::group_id]).packed();
    row.failed_attempts = static_cast<std::uint8_t>(
        std::min<std::uint64_t>(codecs::as_count(record[inv::failed_attempts]), 200));
    const Smso* smso = run_.batch.find_smso(record[inv::smso].text);
    row.smso = smso == nullptr ? std::uint8_t{0xFF}
                               : static_cast<std::uint8_t>(smso - run_.batch.smsos.data());
    Combination combination;
    combination.smso = record[inv::smso].text;
    combination.csp = record[inv::csp].good() ? record[inv::csp].text : std::string_view();
    for (const codecs::GroupInstance& d : record.group(inv::device)) {
      const auto type = codecs::as_code<DeviceType>(d[inv::type]);
      if (type == DeviceType::chf) combination.chf = model_of(d);
      if (type == DeviceType::esme) {
        combination.esme = model_of(d);
        fill_meter(record, d, row.meters[0], item.suppliers[0]);
      }
      if (type == DeviceType::gsme) {
        combination.gsme = model_of(d);
        fill_meter(record, d, row.meters[1], item.suppliers[1]);
      }
    }
    for (const MeterRow& m : row.meters) {
      combination.any_active = combination.any_active || (m.present() && m.active);
      combination.any_dormant = combination.any_dormant || (m.present() && !m.active);
    }
    row.epcl = run_.epcl.match(combination);
    return item;
  }

  Status keep(Work& work) {
    auto& state = static_cast<InventoryState&>(*work.state);
    const codecs::FileType& type = *run_.layout("inventory")->type;
    S1FLOW_TRY_VOID(run_.table.make_room(state.items.size(), 0));
    for (std::size_t i = 0; i < state.items.size(); ++i) {
      InventoryItem& item = state.items[i];
      const codecs::Record& record = work.records()[i];
      if (!item.usable) continue;
      if (run_.table.find(item.row.id.view()) != kNoRow) {
        work.findings.push_back(record_finding(rules::inventory_duplicate_installation.rule,
                                               run_.rules, name_, type, record, "installation-id",
                                               item.row.id.view(), {}));
        continue;
      }
      for (unsigned m = 0; m < 2; ++m)
        if (item.row.meters[m].present())
          item.row.meters[m].inventory_supplier = run_.parties.add(item.suppliers[m]);
      const std::uint32_t row = run_.table.add(item.row);
      for (unsigned m = 0; m < 2; ++m) {
        const MeterRow& meter = run_.table[row].meters[m];
        if (meter.present() && !run_.table.add_mpxn(row, m))
          work.findings.push_back(record_finding(rules::inventory_duplicate_mpxn.rule, run_.rules,
                                                 name_, type, record, "meter-point.mpxn",
                                                 Mpxn::unpack(meter.mpxn).text(), {}));
      }
      if (const Rule* rule = run_.spoiler(work.findings, record.ordinal))
        run_.table[row].inventory_rule = run_.rules.index(*rule);
    }
    return {};
  }

  RunContext& run_;
  std::size_t index_ = 0;
  std::string name_;
};

}  // namespace

Status read_inventory(RunContext& run) {
  InventoryStep step(run);
  for (std::size_t i = 0; i < run.batch.inventories.size(); ++i) {
    run.tell("reading inventories", i, run.batch.inventories.size());
    S1FLOW_TRY_VOID(step.file(run.batch.inventories[i], i));
  }
  return {};
}

Status read_registration(RunContext& run) {
  namespace reg = codecs::registration;
  run.tell("reading registration data");
  const std::string name = run.batch.registration.filename().string();
  WeekTable::Near near;
  PlainCallbacks callbacks;
  callbacks.in_order = [&](Work& work) -> Status {
    run.table.relax();
    for (const codecs::Record& r : work.records()) {
      const Mpxn mpxn = codecs::as_mpxn(r[reg::mpxn]);
      if (mpxn.empty()) continue;
      const WeekTable::MeterPlace place = run.table.find_mpxn(mpxn, near);
      if (place.row == kNoRow) continue;  // a meter point of somebody else's
      MeterRow& meter = run.table[place.row].meters[place.meter];
      if (meter.supplier != kNone16 || meter.network_operator != kNone16) {
        if (run.rules.enabled(rules::registration_duplicate.rule))
          work.findings.push_back(record_finding(rules::registration_duplicate.rule, run.rules,
                                                 name, *run.layout("registration")->type, r, "mpxn",
                                                 mpxn.text(), {}));
        continue;
      }
      if (r[reg::supplier].good())
        meter.supplier = run.parties.add(codecs::as_eui64(r[reg::supplier]));
      if (r[reg::network_operator].good())
        meter.network_operator = run.parties.add(codecs::as_eui64(r[reg::network_operator]));
    }
    return {};
  };
  S1FLOW_TRY(PlainVerdict verdict, read_plain(run.batch.registration, run.layout("registration"),
                                              run.rules, run.batch.limits, run.runner, callbacks));
  if (!verdict.accepted) {
    const Finding& f = verdict.findings.front();
    return tl::unexpected(
        usage_error(run.batch.registration.string() + ":" + std::to_string(f.place.line) + ": " +
                    std::string(f.rule->title) + (f.note.empty() ? "" : ": " + f.note) +
                    "; without registration data nothing can be checked"));
  }
  run.steps.push_back({"registration data", verdict.stages});
  run.files.push_back({.type = "registration",
                       .name = name,
                       .status = "accepted",
                       .records = verdict.records,
                       .accepted = verdict.records - verdict.unreadable,
                       .rejected = verdict.unreadable,
                       .bytes = verdict.bytes,
                       .given = true});
  run.note_dropped_findings(name, verdict.findings_dropped);
  S1FLOW_TRY_VOID(run.findings.add(verdict.findings));
  return {};
}

}  // namespace s1flow::pipeline
