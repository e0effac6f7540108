// The S1SP's part: it checks the Devices of every installation that came through so far and reports
// in the SCF; the Commissioning Party reads the report.

#include <algorithm>

#include "codecs/files/scf.h"
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

namespace scf = codecs::scf;

struct ScfState final : WorkerState {
  std::unique_ptr<AlertMaker> alerts;
  std::string encoded;
};

class ScfStep {
 public:
  ScfStep(RunContext& run, std::size_t smso, unsigned day, std::size_t group)
      : run_(run),
        smso_(smso),
        day_(day),
        group_(run.batch.smsos[smso].groups[group]),
        planned_(*run.plan.find("scf", smso, day, group)) {}

  Status run() {
    for_each_alive(run_, smso_, day_, group_, [&](std::uint32_t r) { rows_.push_back(r); });
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
      auto& state = static_cast<ScfState&>(*w.state);
      for (std::size_t p = 0; p < w.outputs.size(); ++p)
        S1FLOW_TRY_VOID(
            run_.alert_files->append(run_.parties[static_cast<PartyIndex>(p)], w.outputs[p]));
      return writer.append(state.encoded, w.chunk.records);
    });
    Stage* const stages[] = {&encode, &write};
    std::atomic<std::uint64_t> alerts{0};
    alerts_ = &alerts;
    S1FLOW_TRY(std::vector<StageStats> stats,
               run_pipeline(
                   source, stages, [] { return std::make_unique<ScfState>(); }, run_.runner));
    run_.alerts += alerts;
    run_.steps.push_back({"make scf " + planned_.name, std::move(stats)});
    S1FLOW_TRY_VOID(end_file(run_, planned_, writer));
    return {};
  }

  Status encode_rows(Work& work, const RowSource& source, const ExchangeWriter& writer) {
    auto& state = static_cast<ScfState&>(*work.state);
    state.encoded.clear();
    if (!state.alerts) {
      S1FLOW_TRY(state.alerts, AlertMaker::make(run_, run_.batch.smsos[smso_]));
    }
    const std::uint64_t before = state.alerts ? state.alerts->made() : 0;
    const codecs::RecordDef& def = run_.layout("scf")->type->record;
    for (const std::uint32_t r : source.rows_of(work)) {
      const InstallationRow& row = run_.table[r];
      const std::vector<DeviceRow> devices = run_.table.devices(r);
      const PlayedInstallation played = play_s1sp(
          run_.procedures, run_.behaviour, run_.batch.policy, row.id.view(), group_, devices);
      codecs::Record record(def, work.arena);
      codecs::set_text(record[scf::installation_id], row.id.view());
      codecs::set_code(record[scf::result], played.result);
      for (const PlayedDevice& d : played.devices) {
        codecs::GroupInstance& device = record.add(scf::device);
        codecs::set(device[scf::device_id], d.device.id);
        codecs::set_code(device[scf::device_type], d.device.type);
        codecs::set_code(device[scf::device_result], d.result);
        for (const PlayedStep& s : d.steps) {
          codecs::GroupInstance& step = record.add(scf::step, &device);
          codecs::set_text(step[scf::procedure], s.procedure->id);
          codecs::set_text(step[scf::name], s.step->name);
          codecs::set_code(step[scf::step_result], s.result);
          if (s.attempts != 0) codecs::set_number(step[scf::attempts], s.attempts);
          if (s.failure == kNoFailure) continue;
          const std::string& code = run_.procedures.failures[s.failure].code;
          codecs::set_text(step[scf::code], code);
          if (state.alerts)
            S1FLOW_TRY_VOID(state.alerts->s1sp_alert(
                work.outputs, row, d.device, code,
                planned_.header.created->plus(std::chrono::seconds(r % 3600))));
        }
      }
      const codecs::Record* one = &record;
      writer.encoder().encode({&one, 1}, nullptr, state.encoded);
    }
    if (state.alerts) *alerts_ += state.alerts->made() - before;
    return {};
  }

  // ---- the Commissioning Party reads

  Status read() {
    mark_alive(run_, smso_, day_, group_);
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
        row.scf_seen = false;
        row.reason = row.failure = kNone16;
        if (row.stage == WeekStage::scf) row.outcome = Outcome::none;
      }
      for_each_alive(run_, smso_, day_, group_,
                     [&](std::uint32_t r) { run_.settle(r, WeekStage::scf, *reading.refused_by); });
      return {};
    }
    std::vector<Finding> missing;
    for_each_alive(run_, smso_, day_, group_, [&](std::uint32_t r) {
      if (run_.table[r].scf_seen) return;
      missing.push_back(absent_finding(run_, rules::record_missing.rule, records_.file(), r));
      run_.settle(r, WeekStage::scf, rules::record_missing.rule);
    });
    S1FLOW_TRY_VOID(run_.findings.add(missing));
    return {};
  }

  Status keep(Work& work) {
    run_.table.relax();
    records_.each(work, [&](const codecs::Record& record, std::uint32_t r) {
      InstallationRow& row = run_.table[r];
      touched_.push_back(r);
      if (!row.alive) return;
      row.scf_result = static_cast<std::uint8_t>(
          codecs::as_code<scf::Result>(record[scf::result]).value_or(scf::Result::failed));
      FailureIndex failure = kNoFailure;
      for (const codecs::GroupInstance& s : record.group(scf::step)) {
        row.attempts = static_cast<std::uint8_t>(std::max<std::uint64_t>(
            row.attempts, std::min<std::uint64_t>(codecs::as_count(s[scf::attempts]), 255)));
        if (codecs::as_code<scf::StepResult>(s[scf::step_result]) != scf::StepResult::failed)
          continue;
        std::string step(s[scf::procedure].good() ? s[scf::procedure].text : std::string_view());
        if (!step.empty()) step += "/";
        step += s[scf::name].text;
        records_.add(work, record, rules::scf_step_failed, step,
                     s[scf::code].good() ? s[scf::code].text : std::string_view());
        if (failure == kNoFailure && s[scf::code].good())
          failure = run_.procedures.find(s[scf::code].text);
      }
      const auto result = static_cast<scf::Result>(row.scf_result);
      if (result == scf::Result::passed) return;
      if (result == scf::Result::partial) {
        // Goes on with the electricity side; the reason is kept for the outcome.
        row.reason = run_.rules.index(rules::scf_step_failed.rule);
        row.failure = failure;
        return;
      }
      records_.reject();
      run_.settle(r, WeekStage::scf, rules::scf_step_failed.rule, failure);
    });
    return {};
  }

  RunContext& run_;
  std::size_t smso_;
  unsigned day_;
  GroupId group_;
  PlannedFile& planned_;
  DayRecords records_{run_, planned_, &InstallationRow::scf_seen};
  std::vector<std::uint32_t> rows_;
  std::vector<std::uint32_t> touched_;
  std::atomic<std::uint64_t>* alerts_ = nullptr;
};

}  // namespace

Status check_devices(RunContext& run, std::size_t smso, unsigned day) {
  for (std::size_t g = 0; g < run.batch.smsos[smso].groups.size(); ++g)
    S1FLOW_TRY_VOID(ScfStep(run, smso, day, g).run());
  return {};
}

}  // namespace s1flow::pipeline
