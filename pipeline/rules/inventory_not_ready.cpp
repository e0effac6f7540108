#include "codecs/files/inventory.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const InventoryCheck& c, CheckReport& report) {
  namespace inv = codecs::inventory;
  bool dormant = false;
  for (const codecs::GroupInstance& g : c.record.group(inv::device))
    dormant = dormant || codecs::as_code<MeterStatus>(g[inv::status]) == MeterStatus::dormant;
  if (!dormant) return;
  if (codecs::as_code<inv::Readiness>(c.record[inv::firmware_readiness]) == inv::Readiness::needed)
    report.add("firmware-readiness", "needed");
  if (codecs::as_code<inv::Readiness>(c.record[inv::configuration_readiness]) ==
      inv::Readiness::needed)
    report.add("configuration-readiness", "needed");
}

bool spoil(InstallationDraft& d, DraftWorld& world) {
  bool dormant = false;
  for (const MeterDraft& m : d.meters) dormant = dormant || (m.present && !m.active);
  if (!dormant) return false;
  // MTAD 6.4: (a) firmware, (b) configuration, (c) both.
  const std::uint64_t what = world.random.below(3);
  if (what != 1) {
    d.firmware_readiness = codecs::inventory::Readiness::needed;
    d.expect(inventory_not_ready.rule, ExpectedIn::inventory, "firmware-readiness", "needed");
  }
  if (what != 0) {
    d.configuration_readiness = codecs::inventory::Readiness::needed;
    d.expect(inventory_not_ready.rule, ExpectedIn::inventory, "configuration-readiness", "needed");
  }
  d.settle(Outcome::parked, WeekStage::inventory, &inventory_not_ready.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry inventory_not_ready{
    .rule =
        {
            .id = "inventory.not-ready",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 6.3, 6.4",
            .title = "A Dormant Meter is not ready for migration",
            .meaning = "Dormant Meters get their firmware and configuration from the SMSO before "
                       "they migrate; here one or "
                       "both are still due.",
            .cause = "The upgrade or configuration has not been applied, or has failed.",
            .remedy = "Wait for the readiness report of the SMSO and plan the installation for a "
                      "later week.",
        },
    .inventory = &check,
    .needs = Needs::file,
    .outcome = Outcome::parked,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
