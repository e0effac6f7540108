#include "pipeline/week/file_plan.h"

#include <map>

#include <fmt/format.h>

#include "codecs/layout/layout.h"

namespace s1flow::pipeline {
namespace {

class Planner {
 public:
  explicit Planner(const Batch& batch) : batch_(batch) {}

  Result<std::vector<PlannedFile>> run() {
    for (unsigned day = 0; day < 7; ++day)
      for (std::size_t s = 0; s < batch_.smsos.size(); ++s) S1FLOW_TRY_VOID(plan_day(s, day));
    for (std::size_t s = 0; s < batch_.smsos.size(); ++s)
      for (const Party& supplier : batch_.suppliers) S1FLOW_TRY_VOID(plan_copies(s, supplier.eui));
    return std::move(files_);
  }

 private:
  Status plan_day(std::size_t s, unsigned day) {
    const Smso& smso = batch_.smsos[s];
    const Eui64 cp = batch_.commissioning_party.eui;
    const auto mcf_counter =
        batch_.last_counter(smso.requesting_party) + given_out_[smso.requesting_party] + 1;
    S1FLOW_TRY_VOID(add("mcf", s, day, 0, smso.requesting_party, {cp, smso.s1sp, smso.dco}, 6, 0));
    for (std::size_t g = 0; g < smso.groups.size(); ++g) {
      S1FLOW_TRY_VOID(
          add("mgf", s, day, g, smso.requesting_party, {smso.s1sp}, 6, 10, mcf_counter));
      S1FLOW_TRY_VOID(
          add("mef", s, day, g, smso.requesting_party, {smso.s1sp, smso.dco}, 6, 20, mcf_counter));
    }
    S1FLOW_TRY_VOID(
        add("mvf", s, day, 0, cp, {smso.requesting_party, smso.s1sp, smso.dco}, 7, 0, mcf_counter));
    for (std::size_t g = 0; g < smso.groups.size(); ++g)
      S1FLOW_TRY_VOID(add("scf", s, day, g, smso.s1sp, {cp}, 12, 0, mcf_counter));
    return add("cof", s, day, 0, cp, {batch_.dcc.eui}, 18, 0, mcf_counter);
  }

  Status plan_copies(std::size_t s, Eui64 supplier) {
    const Smso& smso = batch_.smsos[s];
    S1FLOW_TRY_VOID(add("mcf", s, 7, 0, smso.requesting_party, {supplier}, 6, 0, 0, supplier));
    for (std::size_t g = 0; g < smso.groups.size(); ++g)
      S1FLOW_TRY_VOID(add("scf", s, 7, g, smso.s1sp, {supplier}, 12, 0, 0, supplier));
    return add("cof", s, 7, 0, batch_.commissioning_party.eui, {supplier}, 18, 0, 0, supplier);
  }

  Status add(std::string_view type, std::size_t s, unsigned day, std::size_t group, Eui64 sender,
             std::vector<Eui64> recipients, int hour, int minute, std::uint64_t mcf_counter = 0,
             Eui64 supplier = {}) {
    const auto layout = batch_.layouts.preferred(type);
    if (!layout) return tl::unexpected(usage_error(fmt::format("there is no layout for {}", type)));
    if (layout->file_name.empty())
      return tl::unexpected(usage_error(fmt::format("layout {} has no file-name", layout->name())));
    const Smso& smso = batch_.smsos[s];
    PlannedFile f{.type = std::string(type),
                  .smso = s,
                  .day = day,
                  .group = group,
                  .supplier = supplier,
                  .header = {},
                  .name = {},
                  .given = {}};
    f.header.sender = sender;
    f.header.recipients = std::move(recipients);
    f.header.counter = batch_.last_counter(sender) + ++given_out_[sender];
    const UtcTime midnight{
        UtcTime::Rep(batch_.week.monday().plus_days(static_cast<int>(day)).day())};
    f.header.created = midnight.plus(std::chrono::hours(hour) + std::chrono::minutes(minute));
    f.header.smso = smso.tag;
    f.header.week = batch_.week.monday();
    if (day < 7) f.header.day = batch_.week.monday().plus_days(static_cast<int>(day));
    if (type == "mgf" || type == "mef" || type == "scf") f.header.group = smso.groups[group];
    if (mcf_counter != 0) {
      f.header.mcf_sender = smso.requesting_party;
      f.header.mcf_counter = mcf_counter;
    }
    Arena arena;
    codecs::Record record(layout->type->header, arena);
    f.header.fill(record);
    f.name = layout->file_name.make(record);
    files_.push_back(std::move(f));
    return {};
  }

  const Batch& batch_;
  std::map<Eui64, std::uint64_t> given_out_;
  std::vector<PlannedFile> files_;
};

}  // namespace

Result<FilePlan> FilePlan::make(const Batch& batch) {
  FilePlan plan;
  S1FLOW_TRY(plan.files_, Planner(batch).run());
  return plan;
}

PlannedFile* FilePlan::find(std::string_view type, std::size_t smso, unsigned day,
                            std::size_t group) {
  for (PlannedFile& f : files_)
    if (f.type == type && f.smso == smso && f.day == day && f.group == group && f.supplier.empty())
      return &f;
  return nullptr;
}

const PlannedFile* FilePlan::find(std::string_view type, std::size_t smso, unsigned day,
                                  std::size_t group) const {
  return const_cast<FilePlan*>(this)->find(type, smso, day, group);
}

PlannedFile* FilePlan::copy(std::string_view type, std::size_t smso, Eui64 supplier,
                            std::size_t group) {
  for (PlannedFile& f : files_)
    if (f.type == type && f.smso == smso && f.group == group && f.supplier == supplier &&
        f.day == 7)
      return &f;
  return nullptr;
}

}  // namespace s1flow::pipeline
