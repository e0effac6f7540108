// What each supplier receives at the week's end (MTAD 17.21, 17.22): the COF of its installations
// when the DCC commissions, MCF and SCF when it commissions itself. Each file holds only what
// concerns the supplier.

#include <algorithm>

#include "codecs/files/cof.h"
#include "codecs/files/mcf.h"
#include "codecs/files/scf.h"
#include "core/machine.h"
#include "pipeline/week/day_file.h"
#include "pipeline/week/made_file.h"
#include "pipeline/week/steps.h"

namespace s1flow::pipeline {
namespace {

struct CopyState final : WorkerState {
  std::vector<std::uint64_t> records;  // by supplier
  WeekTable::Near near;
};

// Copies of one type for one SMSO (and group): accepted files of the week are read again, and each
// record goes to the suppliers that it concerns.
class CopyStep {
 public:
  CopyStep(RunContext& run, std::string_view type, std::size_t smso, std::size_t group)
      : run_(run), type_(type), smso_(smso), group_(group) {}

  // For as many suppliers at a time as files may be open; mostly that is all of them.
  Status run() {
    const std::size_t at_once = spare_descriptors();
    const auto& all = run_.batch.suppliers;
    for (std::size_t first = 0; first < all.size(); first += at_once) {
      suppliers_.clear();
      for (std::size_t i = first; i < std::min(all.size(), first + at_once); ++i)
        suppliers_.push_back(all[i].eui);
      writers_.clear();
      writers_.resize(suppliers_.size());
      S1FLOW_TRY_VOID(run_batch());
    }
    return {};
  }

 private:
  Status run_batch() {
    S1FLOW_TRY_VOID(open());
    if (std::none_of(writers_.begin(), writers_.end(), [](const auto& w) { return w.has_value(); }))
      return {};
    const bool all_finished = std::all_of(writers_.begin(), writers_.end(),
                                          [](const auto& w) { return !w || w->is_idle(); });
    for (unsigned day = 0; day < 7 && !all_finished; ++day) {
      const PlannedFile* planned = run_.plan.find(type_, smso_, day, group_);
      if (planned == nullptr || !planned->accepted) continue;
      S1FLOW_TRY_VOID(copy(*planned));
    }
    for (std::size_t s = 0; s < suppliers_.size(); ++s) {
      if (!writers_[s]) continue;
      PlannedFile& planned = *run_.plan.copy(type_, smso_, suppliers_[s], group_);
      S1FLOW_TRY(const WrittenFile written, end_file(run_, planned, *writers_[s]));
      note_written(run_, planned, written);
      writers_[s].reset();
    }
    return {};
  }

  // Whether the record of this row goes to the supplier.
  [[nodiscard]] bool goes_to(const InstallationRow& row, Eui64 supplier) const {
    if (row.smso != smso_ || row.mcf == kNone16 || !row.mcf_accepted) return false;
    // An installation has its files as far as it came.
    if (type_ == "cof" ? !row.cof_seen : type_ == "scf" && !row.scf_seen) return false;
    if (type_ == "scf" && row.group != run_.batch.smsos[smso_].groups[group_].packed())
      return false;
    // The commissioning supplier gets MCF and SCF, the others the COF.
    if (row.by_supplier == (type_ == "cof")) return false;
    return std::any_of(row.meters.begin(), row.meters.end(), [&](const MeterRow& m) {
      return m.present() && run_.parties[m.inventory_supplier] == supplier;
    });
  }

  Status open() {
    std::vector<std::uint64_t> counts(suppliers_.size(), 0);
    for (unsigned day = 0; day < 7; ++day) {
      const PlannedFile* planned = run_.plan.find(type_, smso_, day, group_);
      if (planned == nullptr || !planned->accepted) continue;
      for (const std::uint32_t r : run_.rows_of(smso_, day)) {
        run_.table.pace(r);
        for (std::size_t s = 0; s < suppliers_.size(); ++s)
          counts[s] += goes_to(run_.table[r], suppliers_[s]) ? 1 : 0;
      }
    }
    for (std::size_t s = 0; s < suppliers_.size(); ++s) {
      if (counts[s] == 0) continue;
      const PlannedFile& planned = *run_.plan.copy(type_, smso_, suppliers_[s], group_);
      ExchangeHeader header = planned.header;
      header.record_count = counts[s];
      S1FLOW_TRY(writers_[s], begin_file(run_, planned, header));
    }
    return {};
  }

  Status copy(const PlannedFile& planned) {
    ReadCallbacks callbacks;
    callbacks.make_state = [] { return std::make_unique<CopyState>(); };
    callbacks.on_chunk = [&](Work& w) { return encode(w, planned.repeated); };
    callbacks.in_order = [this](Work& w) -> Status {
      run_.table.relax();
      const auto& state = static_cast<const CopyState&>(*w.state);
      for (std::size_t s = 0; s < suppliers_.size(); ++s)
        if (state.records[s] != 0)
          S1FLOW_TRY_VOID(writers_[s]->append(w.outputs[s], state.records[s]));
      w.findings.clear();
      return {};
    };
    // The file was verified when it was first read; this is only a second look at it.
    ReadContext context = run_.read_context();
    context.check_signature = false;
    const ExchangeReader reader(run_.layout(type_), nullptr);
    S1FLOW_TRY(const FileVerdict verdict, reader.read(planned.path(), {}, {}, context, callbacks));
    if (!verdict.accepted)
      return tl::unexpected(
          Error(ErrorKind::io,
                planned.path().string() + ": has changed since it was verified; run again"));
    return {};
  }

  Status encode(Work& work, const std::vector<std::uint64_t>& repeated) {
    auto& state = static_cast<CopyState&>(*work.state);
    state.records.assign(suppliers_.size(), 0);
    work.outputs.resize(suppliers_.size());
    for (const codecs::Record& record : work.records()) {
      const std::uint32_t r =
          record[0].good() ? run_.table.find(record[0].text, state.near) : kNoRow;
      if (r == kNoRow ||
          std::find(repeated.begin(), repeated.end(), record.ordinal) != repeated.end())
        continue;
      const InstallationRow& row = run_.table[r];
      for (std::size_t s = 0; s < suppliers_.size(); ++s) {
        if (!writers_[s] || !goes_to(row, suppliers_[s])) continue;
        const codecs::Record own = only_for(record, row, suppliers_[s]);
        const codecs::Record* one = &own;
        writers_[s]->encoder().encode({&one, 1}, nullptr, work.outputs[s]);
        ++state.records[s];
      }
    }
    return {};
  }

  // The record without the meter (and gas proxy) of another supplier.
  codecs::Record only_for(const codecs::Record& record, const InstallationRow& row,
                          Eui64 supplier) const {
    const auto foreign = [&](unsigned m) {
      return row.meters[m].present() && run_.parties[row.meters[m].inventory_supplier] != supplier;
    };
    const bool no_electricity = foreign(0), no_gas = foreign(1);
    codecs::Record own(record.def(), record.arena());
    own.ordinal = record.ordinal;
    for (std::size_t f = 0; f < record.def().fields.size(); ++f) own[f] = record[f];
    const std::size_t type_field = type_ == "cof"   ? std::size_t{codecs::cof::device_type}
                                   : type_ == "scf" ? std::size_t{codecs::scf::device_type}
                                                    : std::size_t{codecs::mcf::type};
    // Group 0 is the Device in all three; the other groups sit inside it.
    for (const codecs::GroupInstance& d : record.group(0)) {
      const auto type = codecs::as_code<DeviceType>(d[type_field]);
      if (no_electricity && type == DeviceType::esme) continue;
      if (no_gas && (type == DeviceType::gsme || type == DeviceType::gpf)) continue;
      codecs::GroupInstance& device = own.add(0);
      std::copy(d.values.begin(), d.values.end(), device.values.begin());
      for (std::size_t g = 1; g < record.def().groups.size(); ++g) {
        if (record.def().groups[g].parent != 0) continue;
        for (const codecs::GroupInstance& inner : record.group(g))
          if (inner.parent == &d) {
            codecs::GroupInstance& copy = own.add(g, &device);
            std::copy(inner.values.begin(), inner.values.end(), copy.values.begin());
          }
      }
    }
    return own;
  }

  RunContext& run_;
  std::string type_;
  std::size_t smso_, group_;
  std::vector<Eui64> suppliers_;
  std::vector<std::optional<ExchangeWriter>> writers_;
};

}  // namespace

Status make_supplier_files(RunContext& run) {
  for (std::size_t s = 0; s < run.batch.smsos.size(); ++s) {
    run.tell("making the suppliers' files", s, run.batch.smsos.size());
    S1FLOW_TRY_VOID(CopyStep(run, "mcf", s, 0).run());
    for (std::size_t g = 0; g < run.batch.smsos[s].groups.size(); ++g)
      S1FLOW_TRY_VOID(CopyStep(run, "scf", s, g).run());
    S1FLOW_TRY_VOID(CopyStep(run, "cof", s, 0).run());
  }
  return run.alert_files->commit();
}

}  // namespace s1flow::pipeline
