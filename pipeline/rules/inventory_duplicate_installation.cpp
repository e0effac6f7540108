#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

bool spoil(InstallationDraft& d, DraftWorld&) {
  d.inventory_copies = 2;
  d.expect(inventory_duplicate_installation.rule, ExpectedIn::inventory, "installation-id", d.id);
  return true;  // the first line counts
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry inventory_duplicate_installation{
    .rule =
        {
            .id = "inventory.duplicate-installation",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .title = "The inventory has the installation twice",
            .meaning = "An earlier line has the same installation id. The first one counts.",
            .cause = "Two exports were put together.",
            .remedy = "Remove one of the lines.",
        },
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
