// The Commissioning Party's part: it sends the Service Requests that commission the Devices, the
// DCC raises the alerts, and the COF reports every step; the DCC reads it. The communications hub
// is always commissioned by the DCC; other Devices may be the supplier's to commission
// (MTAD 5.2(b), 17.14).

#include <algorithm>

#include "codecs/files/cof.h"
#include "pipeline/model/play.h"
#include "pipeline/rules/list.h"
#include "pipeline/week/alert_maker.h"
#include "pipeline/week/day_file.h"
#include "pipeline/week/day_records.h"
#include "pipeline/week/made_file.h"
#include "pipeline/week/row_source.h"
#include "pipeline/week/steps.h"

namespace s1flow::pipeline {
namespace {

namespace cof = codecs::cof;
namespace scf = codecs::scf;

// Request counters of one installation: room for every step of every Device.
constexpr std::uint64_t kRequestsPerInstallation = 256;

struct CofState final : WorkerState {
  std::unique_ptr<AlertMaker> alerts;
  std::string encoded;
};

class CofStep {
 public:
  CofStep(RunContext& run, std::size_t smso, unsigned day)
      : run_(run), smso_(smso), day_(day), planned_(*run.plan.find("cof", smso, day)) {}

  Status run() {
    for_each_alive(run_, smso_, day_, {}, [&](std::uint32_t r) { rows_.push_back(r); });
    if (rows_.empty()) return {};
    if (planned_.given.empty()) S1FLOW_TRY_VOID(make());
    return read();
  }

 private:
  Status make() {
    const PlannedFile& mcf = *run_.plan.find("mcf", smso_, day_);
    planned_.header.mcf_sender = mcf.header.sender;
    planned_.header.mcf_counter = mcf.header.counter;
    ExchangeHeader header = planned_.header;
    header.record_count = rows_.size();
    // Its alerts go to files that are finished last of all, so they are made again even then.
    if (run_.batch.alerts == AlertMode::none && take_finished(run_, planned_)) return {};
    S1FLOW_TRY(ExchangeWriter writer, begin_file(run_, planned_, header));
    RowSource source(rows_);
    FunctionStage encode("play+encode", Order::parallel,
                         [&](Work& w) { return encode_rows(w, source, writer); });
    FunctionStage write("write", Order::in_order, [&](Work& w) -> Status {
      run_.table.relax();
      auto& state = static_cast<CofState&>(*w.state);
      for (std::size_t p = 0; p < w.outputs.size(); ++p)
        S1FLOW_TRY_VOID(
            run_.alert_files->append(run_.parties[static_cast<PartyIndex>(p)], w.outputs[p]));
      return writer.append(state.encoded, w.chunk.records);
    });
    Stage* const stages[] = {&encode, &write};
    S1FLOW_TRY(std::vector<StageStats> stats,
               run_pipeline(
                   source, stages, [] { return std::make_unique<CofState>(); }, run_.runner));
    run_.alerts += alerts_;
    run_.steps.push_back({"make cof " + planned_.name, std::move(stats)});
    S1FLOW_TRY_VOID(end_file(run_, planned_, writer));
    return {};
  }

  Status encode_rows(Work& work, const RowSource& source, const ExchangeWriter& writer) {
    auto& state = static_cast<CofState&>(*work.state);
    state.encoded.clear();
    if (!state.alerts) {
      S1FLOW_TRY(state.alerts, AlertMaker::make(run_, run_.batch.smsos[smso_]));
    }
    const std::uint64_t before = state.alerts ? state.alerts->made() : 0;
    for (const std::uint32_t r : source.rows_of(work))
      S1FLOW_TRY_VOID(encode_row(work, r, state, writer));
    if (state.alerts) alerts_ += state.alerts->made() - before;
    return {};
  }

  Status encode_row(Work& work, std::uint32_t r, CofState& state, const ExchangeWriter& writer) {
    const InstallationRow& row = run_.table[r];
    const std::vector<DeviceRow> devices = run_.table.devices(r);
    CommissioningOrder order;
    order.installation = row.id.view();
    order.by_supplier = row.by_supplier;
    order.electricity_only = row.scf_result == static_cast<std::uint8_t>(scf::Result::partial);
    for (std::size_t m = 0; m < 2; ++m)
      order.status[m] = row.meters[m].active ? MeterStatus::active : MeterStatus::dormant;
    const CommissionedInstallation played =
        play_commissioning(run_.procedures, run_.behaviour, run_.batch.policy, order, devices);
    Eui64 hub;
    for (const DeviceRow& d : devices)
      if (d.type == DeviceType::chf) hub = d.id;
    UtcTime at = planned_.header.created->plus(std::chrono::seconds(r % 3600));
    std::uint64_t counter = (r + 1) * kRequestsPerInstallation;
    codecs::Record record(run_.layout("cof")->type->record, work.arena);
    codecs::set_text(record[cof::installation_id], row.id.view());
    codecs::set_code(record[cof::result], played.result);
    for (const CommissionedDevice& d : played.devices) {
      codecs::GroupInstance& device = record.add(cof::device);
      codecs::set(device[cof::device_id], d.device.id);
      codecs::set_code(device[cof::device_type], d.device.type);
      codecs::set_code(device[cof::device_result], d.result);
      for (const CommissionedStep& s : d.steps) {
        codecs::GroupInstance& step = record.add(cof::step, &device);
        codecs::set_text(step[cof::srv], s.step->srv);
        codecs::set_code(step[cof::step_result], s.result);
        const bool sent = s.result == cof::StepResult::done || s.result == cof::StepResult::failed;
        if (!sent) continue;
        const codecs::duis::MessageId request{run_.batch.commissioning_party.eui,
                                              target_of(s.step->srv, hub, d.device.id), counter++};
        std::string id;
        request.append_to(id);
        codecs::set_text(step[cof::request_id], work.arena.copy(id));
        codecs::set_number(step[cof::attempts], s.attempts);
        at = at.plus(std::chrono::seconds(1));
        if (s.failure != kNoFailure) {
          const std::string& code = run_.procedures.failures[s.failure].code;
          codecs::set_text(step[cof::response_code], code);
          add_alert(record, device, "N55", at);
          if (state.alerts)
            S1FLOW_TRY_VOID(state.alerts->s1sp_alert(work.outputs, row, d.device, code, at));
          continue;
        }
        codecs::set_text(step[cof::response_code], "I0");
        for (const std::string& alert : s.step->alerts) {
          at = at.plus(std::chrono::seconds(1));
          add_alert(record, device, alert, at);
          if (!state.alerts) continue;
          if (alert == "N16")
            S1FLOW_TRY_VOID(state.alerts->identity_confirmed(work.outputs, row, d.device, at));
          if (alert == "N24")
            S1FLOW_TRY_VOID(
                state.alerts->whitelist_updated(work.outputs, row, d.device, request, at));
          if (alert == "N42")
            S1FLOW_TRY_VOID(state.alerts->credentials_updated(work.outputs, row, d.device, at));
          if (alert == "N55")
            S1FLOW_TRY_VOID(state.alerts->s1sp_alert(work.outputs, row, d.device, "S1SP", at));
        }
      }
    }
    const codecs::Record* one = &record;
    writer.encoder().encode({&one, 1}, nullptr, state.encoded);
    return {};
  }

  // Requests that the DCC itself answers go to the DCC, changes of the whitelist to the hub
  // (DUIS 5.4).
  [[nodiscard]] Eui64 target_of(std::string_view srv, Eui64 hub, Eui64 device) const {
    if (srv == "12.2" || srv == "8.4" || srv == "8.2") return run_.batch.dcc.eui;
    return srv == "8.11" ? hub : device;
  }

  static void add_alert(codecs::Record& record, codecs::GroupInstance& device,
                        std::string_view code, UtcTime at) {
    codecs::GroupInstance& alert = record.add(cof::alert, &device);
    codecs::set_text(alert[cof::alert_code], code);
    codecs::set(alert[cof::alert_time], at);
  }

  // ---- the DCC reads

  Status read() {
    mark_alive(run_, smso_, day_);
    records_.set_file(planned_.path().empty() ? planned_.name
                                              : planned_.path().filename().string());
    ReadCallbacks callbacks;
    callbacks.in_order = [this](Work& w) { return keep(w); };
    S1FLOW_TRY(const DayReading reading, read_day_file(run_, planned_, callbacks, {},
                                                       [this] { return records_.rejected(); }));
    if (!reading.accepted) {
      for (const std::uint32_t r : touched_) {
        run_.table.pace(r);
        InstallationRow& row = run_.table[r];
        row.cof_seen = false;
        row.outcome = Outcome::none;
      }
      for_each_alive(run_, smso_, day_, {},
                     [&](std::uint32_t r) { run_.settle(r, WeekStage::cof, *reading.refused_by); });
      return {};
    }
    std::vector<Finding> missing;
    for_each_alive(run_, smso_, day_, {}, [&](std::uint32_t r) {
      missing.push_back(absent_finding(run_, rules::record_missing.rule, records_.file(), r));
      run_.settle(r, WeekStage::cof, rules::record_missing.rule);
    });
    S1FLOW_TRY_VOID(run_.findings.add(missing));
    return {};
  }

  Status keep(Work& work) {
    run_.table.relax();
    records_.each(work, [&](const codecs::Record& record, std::uint32_t r) {
      if (!run_.table[r].alive) return;
      touched_.push_back(r);
      judge(work, record, r);
    });
    return {};
  }

  void judge(Work& work, const codecs::Record& record, std::uint32_t r) {
    InstallationRow& row = run_.table[r];
    FailureIndex failure = kNoFailure;
    for (const codecs::GroupInstance& s : record.group(cof::step)) {
      row.attempts = static_cast<std::uint8_t>(std::max<std::uint64_t>(
          row.attempts, std::min<std::uint64_t>(codecs::as_count(s[cof::attempts]), 255)));
      if (codecs::as_code<cof::StepResult>(s[cof::step_result]) != cof::StepResult::failed)
        continue;
      const std::string_view code =
          s[cof::response_code].good() ? s[cof::response_code].text : std::string_view();
      records_.add(work, record, rules::cof_step_failed, s[cof::srv].text, code);
      if (failure == kNoFailure) failure = run_.procedures.find(code);
    }
    row.stage = WeekStage::cof;
    switch (codecs::as_code<cof::Result>(record[cof::result]).value_or(cof::Result::failed)) {
      case cof::Result::commissioned:
        row.outcome = Outcome::migrated;
        break;
      case cof::Result::awaiting_supplier:
        row.outcome = Outcome::awaiting_supplier;
        break;
      case cof::Result::partial:
        row.outcome = Outcome::electricity_only;
        if (row.reason == kNone16) {
          row.reason = run_.rules.index(rules::cof_step_failed.rule);
          row.failure = failure;
        }
        break;
      case cof::Result::failed:
        records_.reject();
        run_.settle(r, WeekStage::cof, rules::cof_step_failed.rule, failure);
        break;
    }
  }

  RunContext& run_;
  std::size_t smso_;
  unsigned day_;
  PlannedFile& planned_;
  DayRecords records_{run_, planned_, &InstallationRow::cof_seen};
  std::vector<std::uint32_t> rows_;
  std::vector<std::uint32_t> touched_;
  std::atomic<std::uint64_t> alerts_{0};
};

}  // namespace

Status commission(RunContext& run, std::size_t smso, unsigned day) {
  return CofStep(run, smso, day).run();
}

}  // namespace s1flow::pipeline
