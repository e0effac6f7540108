#include "codecs/files/inventory.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const InventoryCheck& c, CheckReport& report) {
  const std::uint64_t failed = codecs::as_count(c.record[codecs::inventory::failed_attempts]);
  if (failed >= c.batch.policy.max_failed_attempts)
    report.add("failed-attempts", std::to_string(failed));
}

bool spoil(InstallationDraft& d, DraftWorld& world) {
  d.failed_attempts = 5 + static_cast<unsigned>(world.random.below(3));
  d.expect(inventory_failed_attempts.rule, ExpectedIn::inventory, "failed-attempts",
           std::to_string(d.failed_attempts));
  d.settle(Outcome::excluded, WeekStage::inventory, &inventory_failed_attempts.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry inventory_failed_attempts{
    .rule =
        {
            .id = "inventory.failed-attempts",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .title = "Too many failed attempts",
            .meaning = "Installations whose migration has failed five times or more are an "
                       "Excluded Category (proposed "
                       "2021); the number is set in the batch's policy.",
            .cause = "A lasting fault of the installation.",
            .remedy = "Mend the cause, then have the count reset.",
        },
    .inventory = &check,
    .needs = Needs::batch,
    .outcome = Outcome::excluded,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
