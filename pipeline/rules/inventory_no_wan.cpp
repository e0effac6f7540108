#include "codecs/files/inventory.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const InventoryCheck& c, CheckReport& report) {
  const codecs::Value& wan = c.record[codecs::inventory::wan];
  if (wan.good() && wan.lo == 0) report.add("wan", "false");
}

bool spoil(InstallationDraft& d, DraftWorld&) {
  d.wan = false;
  d.expect(inventory_no_wan.rule, ExpectedIn::inventory, "wan", "false");
  d.settle(Outcome::excluded, WeekStage::inventory, &inventory_no_wan.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry inventory_no_wan{
    .rule =
        {
            .id = "inventory.no-wan",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .title = "The installation has no WAN connection",
            .meaning = "A hub that cannot be reached cannot be migrated. No WAN before the "
                       "migration is an Excluded Category "
                       "(proposed 2021).",
            .cause = "No coverage, a lost SIM, or a hub without power.",
            .remedy = "Restore the connection, then plan the installation again.",
        },
    .inventory = &check,
    .needs = Needs::file,
    .outcome = Outcome::excluded,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
