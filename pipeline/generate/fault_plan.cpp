#include "pipeline/generate/fault_plan.h"

#include <algorithm>

#include <fmt/format.h>

#include "codecs/files/exchange.h"
#include "codecs/rules.h"
#include "pipeline/rules/list.h"
#include "pipeline/rules/rule_set.h"

namespace s1flow::pipeline {
namespace {

constexpr std::size_t kTries = 400;

WeekStage stage_of(std::string_view type) {
  const auto it = std::find(kWeekStageNames.begin(), kWeekStageNames.end(), type);
  return static_cast<WeekStage>(it - kWeekStageNames.begin());
}

ExpectedIn expected_in(std::string_view type) {
  static constexpr std::string_view kNames[] = {"inventory", "registration", "epcl", "maf", "mcf",
                                                "mvf",       "mgf",          "mef",  "scf", "cof"};
  return static_cast<ExpectedIn>(std::find(std::begin(kNames), std::end(kNames), type) -
                                 std::begin(kNames));
}

// Whether files of the type can be given the fault by the batch's layouts: what a layout leaves out
// cannot be wrong.
bool can_have(const World& world, const Rule& rule, std::string_view type) {
  namespace ex = codecs::exchange;
  const codecs::Layout& layout = *world.batch.layouts.preferred(type);
  const std::string_view family = rule.id.substr(0, rule.id.find('.'));
  if (family == "csv")
    return layout.container == codecs::Container::csv &&
           (&rule != &codecs::kCsvHeader || layout.csv.header);
  if (family == "json") return layout.container == codecs::Container::jsonl;
  if (layout.container != codecs::Container::xml) return true;
  if (rule.id.starts_with("file.sign") || &rule == &rules::file_digest_mismatch.rule)
    return !layout.signer.empty();
  if (&rule == &rules::file_recipient.rule)
    return layout.maps_group(codecs::Section::header, ex::recipient);
  const auto stated = [&](codecs::Section section, std::size_t field) {
    return std::any_of(layout.leaves.begin(), layout.leaves.end(), [&](const codecs::Leaf& l) {
      return l.section == section && l.group == codecs::npos && l.field == field;
    });
  };
  if (&rule == &rules::file_count.rule)
    return stated(codecs::Section::header, ex::record_count) ||
           stated(codecs::Section::trailer, ex::trailer_record_count);
  const std::pair<const Rule*, std::size_t> needs[] = {
      {&rules::file_counter.rule, ex::counter},     {&rules::file_reference.rule, ex::mcf_counter},
      {&rules::file_group.rule, ex::group_id},      {&rules::file_arrival_order.rule, ex::created},
      {&rules::file_week.rule, ex::migration_week},
  };
  return std::all_of(std::begin(needs), std::end(needs), [&](const auto& n) {
    return n.first != &rule || stated(codecs::Section::header, n.second);
  });
}

}  // namespace

bool ExchangeFault::takes(const InstallationDraft& d, const World& world) const {
  if (d.smso != smso || d.day != day) return false;
  const bool grouped = type == "mgf" || type == "mef" || type == "scf";
  return !grouped || world.batch.smsos[smso].groups[group] == d.group;
}

bool expect_record_fault(InstallationDraft& d, const Rule& rule, std::string_view type) {
  const ExpectedIn in = expected_in(type);
  const WeekStage stage = stage_of(type);
  const auto found = [&](std::string field, std::string seen = {}) {
    d.expect(rule, in, std::move(field), std::move(seen));
  };
  const auto stranger = [&] {
    found("installation-id", d.id + "-X");
    d.findings.back().record = d.id + "-X";
  };
  if (&rule == &rules::record_duplicate.rule) {
    found("installation-id", d.id);
  } else if (&rule == &rules::record_unknown.rule || &rule == &rules::mcf_not_authorised.rule) {
    stranger();
  } else if (&rule == &rules::record_missing.rule) {
    found("installation-id");
    d.settle(Outcome::retry, stage, &rule);
  } else if (&rule == &rules::mef_cannot_open.rule) {
    found({});
    d.settle(Outcome::parked, stage, &rule);
  } else {
    if (&rule == &rules::mcf_combination.rule) {
      if (d.device(DeviceType::gpf) == nullptr) return false;
      found("device.type");
    } else if (&rule == &rules::mcf_group_unknown.rule) {
      found("group-id", "ZZ");
    } else if (&rule == &rules::mcf_supplier_differs.rule) {
      found("device.supplier", Eui64(0x00DBDEADBEEF0001ULL).text());
    } else if (&rule == &rules::mcf_operator_differs.rule) {
      found("device.network-operator", Eui64(0x00DBDEADBEEF0002ULL).text());
    } else if (&rule == &rules::mcf_certificate_differs.rule) {
      found("supplier-certificate.serial", "424242");
    } else if (&rule == &rules::mcf_epcl_no_match.rule) {
      found("device.model");
    } else if (&rule == &rules::mvf_disagrees.rule) {
      found("result", "rejected");
    } else {
      return false;
    }
    d.settle(Outcome::rejected, stage, &rule);
  }
  d.exchange.emplace_back(std::string(type), &rule);
  return true;
}

class FaultPlan::Maker {
 public:
  Maker(FaultPlan& plan, World& world, std::uint64_t installations)
      : plan_(plan),
        world_(world),
        installations_(installations),
        random_(world.batch.model.seed, 0xFA17F1) {}

  // The usual mix: a few whole files, then every rule in turn.
  Status usual(double share) {
    const std::uint64_t seed = world_.batch.model.seed;
    const auto& files = file_faults();
    const std::uint64_t whole = std::min<std::uint64_t>(4, installations_ / 100);
    for (std::uint64_t i = 0; i < whole; ++i)
      (void)add_file_fault(files[(seed * 4 + i) % files.size()]);
    std::vector<const FaultEntry*> own;
    for (const FaultEntry& e : all_faults())
      if (e.fault->spoil != nullptr) own.push_back(&e);
    const auto& records = record_faults();
    const auto count = static_cast<std::uint64_t>(static_cast<double>(installations_) * share);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t k = (seed * 7 + i) % (own.size() + records.size());
      if (k < own.size())
        (void)add_own(*own[k]);
      else
        (void)add_record(
            records[(k - own.size() + i / (own.size() + records.size())) % records.size()]);
    }
    return {};
  }

  Status named(const std::string& list) {
    for (std::string_view rest = list; !rest.empty();) {
      const std::size_t comma = rest.find(',');
      const std::string_view id = rest.substr(0, comma);
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
      const Rule* rule = find_rule(id);
      if (rule == nullptr)
        return tl::unexpected(usage_error(fmt::format(
            "--faults: there is no rule '{}'; did you mean '{}'?", id, nearest_rule_id(id))));
      bool done = false;
      for (const FaultEntry& e : all_faults())
        if (e.rule == rule && e.fault->spoil != nullptr && add_own(e)) done = true;
      for (const FileFault& f : record_faults())
        if (f.rule == rule && add_record(f)) done = true;
      for (const FileFault& f : file_faults())
        if (f.rule == rule && add_file_fault(f)) done = true;
      if (!done)
        return tl::unexpected(
            usage_error(fmt::format("--faults: no installation of this week can have the fault "
                                    "'{}'; give more installations",
                                    id)));
    }
    return {};
  }

 private:
  std::uint64_t pick() { return random_.below(installations_); }

  [[nodiscard]] bool free(std::uint64_t index, const InstallationDraft& d) const {
    if (plan_.assigned_.contains(index)) return false;
    return std::none_of(plan_.exchange_.begin(), plan_.exchange_.end(),
                        [&](const ExchangeFault& f) { return f.smso == d.smso && f.day == d.day; });
  }

  bool add_own(const FaultEntry& entry) {
    const bool of_inventory = entry.rule->id.starts_with("json.");
    if (!can_have(world_, *entry.rule, of_inventory ? "inventory" : "maf")) return false;
    for (std::size_t t = 0; t < kTries; ++t) {
      const std::uint64_t index = pick();
      InstallationDraft d = world_.draft(index);
      if (!free(index, d) || !FaultPlan::try_own(world_, index, entry, d)) continue;
      plan_.assigned_[index].own = &entry;
      busy_days_.insert({d.smso, d.day});
      return true;
    }
    return false;
  }

  bool add_record(const FileFault& fault) {
    for (std::size_t t = 0; t < kTries; ++t) {
      const std::uint64_t index = pick();
      InstallationDraft d = world_.draft(index);
      if (!free(index, d) || !expect_record_fault(d, *fault.rule, fault.type)) continue;
      plan_.assigned_[index].record = &fault;
      busy_days_.insert({d.smso, d.day});
      return true;
    }
    return false;
  }

  bool add_file_fault(const FileFault& fault) {
    if (!can_have(world_, *fault.rule, fault.type)) return false;
    if (fault.type == "maf" || fault.type == "inventory") return add_plain(fault);
    for (std::size_t t = 0; t < kTries; ++t) {
      const std::uint64_t index = pick();
      const InstallationDraft d = world_.draft(index);
      // No other fault may lie in that day's files, and no installation of the day may have one of
      // its own.
      if (!free(index, d) || busy_days_.contains({d.smso, d.day})) continue;
      const auto& groups = world_.batch.smsos[d.smso].groups;
      const auto group = static_cast<std::size_t>(std::find(groups.begin(), groups.end(), d.group) -
                                                  groups.begin());
      const bool grouped = fault.type == "mgf" || fault.type == "mef" || fault.type == "scf";
      plan_.exchange_.push_back({.rule = fault.rule,
                                 .type = std::string(fault.type),
                                 .smso = d.smso,
                                 .day = d.day,
                                 .group = grouped ? group : 0});
      return true;
    }
    return false;
  }

  bool add_plain(const FileFault& fault) {
    PlainFault plain{.rule = fault.rule, .type = std::string(fault.type), .installations = {}};
    for (std::size_t t = 0; t < kTries && plain.installations.size() < 2; ++t) {
      const std::uint64_t index = pick();
      const InstallationDraft d = world_.draft(index);
      if (!free(index, d) || std::find(plain.installations.begin(), plain.installations.end(),
                                       index) != plain.installations.end())
        continue;
      // All of a MAF's rows come from one supplier about one SMSO.
      if (d.dual_fuel() && d.meters[0].maf_sender != d.meters[1].maf_sender) continue;
      if (!plain.installations.empty()) {
        const InstallationDraft other = world_.draft(plain.installations.front());
        if (other.smso != d.smso ||
            other.meters[other.first_meter()].maf_sender != d.meters[d.first_meter()].maf_sender)
          continue;
      }
      plain.installations.push_back(index);
    }
    if (plain.installations.empty()) return false;
    for (const std::uint64_t i : plain.installations)
      plan_.assigned_[i].plain = plan_.plain_.size();
    plan_.plain_.push_back(std::move(plain));
    return true;
  }

  // Days on which some installation has a fault of its own.
  std::set<std::pair<std::size_t, unsigned>> busy_days_;
  FaultPlan& plan_;
  World& world_;
  std::uint64_t installations_;
  Random random_;
};

bool FaultPlan::try_own(World& world, std::uint64_t index, const FaultEntry& entry,
                        InstallationDraft& d) {
  // What the fault draws depends on the installation alone, so that trying and applying give the
  // same.
  world.drafting.random = Random(world.batch.model.seed ^ 0x5B01, index);
  return entry.fault->spoil(d, world.drafting);
}

Result<FaultPlan> FaultPlan::make(World& world, std::uint64_t installations,
                                  const std::string& faults, double share) {
  FaultPlan plan;
  Maker maker(plan, world, installations);
  if (faults == "default")
    S1FLOW_TRY_VOID(maker.usual(share));
  else if (faults != "none")
    S1FLOW_TRY_VOID(maker.named(faults));
  return plan;
}

std::optional<std::size_t> FaultPlan::moved(std::uint64_t index, std::string_view type) const {
  const auto it = assigned_.find(index);
  if (it == assigned_.end() || it->second.plain >= plain_.size() ||
      plain_[it->second.plain].type != type)
    return std::nullopt;
  return it->second.plain;
}

void FaultPlan::apply(World& world, std::uint64_t index, InstallationDraft& d) const {
  const auto it = assigned_.find(index);
  if (it != assigned_.end()) {
    d.faulty = true;
    if (it->second.own != nullptr) (void)try_own(world, index, *it->second.own, d);
    if (it->second.record != nullptr)
      (void)expect_record_fault(d, *it->second.record->rule, it->second.record->type);
    if (it->second.plain < plain_.size()) {
      if (plain_[it->second.plain].type == "maf") {
        d.hidden = true;
        return;
      }
      // Its inventory is refused, so nobody knows its meter points.
      d.planned = false;
      for (unsigned m = 0; m < 2; ++m)
        if (d.meters[m].present)
          d.expect(rules::maf_mpxn_not_registered.rule, ExpectedIn::maf, "mpxn",
                   d.meters[m].mpxn.text(), m);
      d.settle(Outcome::not_authorised, WeekStage::maf, &rules::maf_mpxn_not_registered.rule);
    }
    return;
  }
  for (const ExchangeFault& f : exchange_) {
    if (!f.takes(d, world)) continue;
    d.faulty = true;
    const RuleEntry* entry = entry_of(*f.rule);
    const bool security = entry != nullptr && entry->failure_class == FailureClass::security;
    d.settle(security ? Outcome::parked : Outcome::retry, stage_of(f.type), f.rule);
  }
}

}  // namespace s1flow::pipeline
