#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

bool spoil(InstallationDraft& d, DraftWorld&) {
  // A second installation, which nobody authorises, claims the meter points.
  d.ghost_id = d.id + "-OLD";
  for (const MeterDraft& m : d.meters) {
    if (!m.present) continue;
    d.expect(inventory_duplicate_mpxn.rule, ExpectedIn::inventory, "meter-point.mpxn",
             m.mpxn.text());
    d.findings.back().record = d.ghost_id;
  }
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry inventory_duplicate_mpxn{
    .rule =
        {
            .id = "inventory.duplicate-mpxn",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .title = "Two installations of the inventory have the same MPxN",
            .meaning = "An earlier installation has the MPxN already, so an authorisation for it "
                       "could mean either. The "
                       "later installation cannot migrate.",
            .cause = "A meter was exchanged and the old installation was not closed.",
            .remedy = "Close the installation that no longer exists.",
        },
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
