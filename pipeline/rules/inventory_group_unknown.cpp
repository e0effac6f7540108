#include "codecs/files/inventory.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const InventoryCheck& c, CheckReport& report) {
  namespace inv = codecs::inventory;
  const Smso* smso = c.batch.find_smso(c.record[inv::smso].text);
  if (smso == nullptr) {
    report.add("smso", c.record[inv::smso].text);
    return;
  }
  const GroupId group = codecs::as_group_id(c.record[inv::group_id]);
  if (!group.empty() &&
      std::find(smso->groups.begin(), smso->groups.end(), group) == smso->groups.end())
    report.add("group-id", group.view());
}

bool spoil(InstallationDraft& d, DraftWorld&) {
  d.group = *GroupId::parse("ZZ");
  d.expect(inventory_group_unknown.rule, ExpectedIn::inventory, "group-id", "ZZ");
  d.settle(Outcome::rejected, WeekStage::inventory, &inventory_group_unknown.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry inventory_group_unknown{
    .rule =
        {
            .id = "inventory.group-unknown",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 5.5",
            .title = "The GroupID is not one of the SMSO's",
            .meaning = "The batch says which GroupIDs an SMSO looks after; the installation names "
                       "another SMSO or GroupID.",
            .cause = "A new GroupID that batch.toml does not have yet, or a line of another SMSO.",
            .remedy = "Correct the line, or add the GroupID to batch.toml.",
        },
    .inventory = &check,
    .needs = Needs::batch,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
