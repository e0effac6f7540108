#include "codecs/files/inventory.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const InventoryCheck& c, CheckReport& report) {
  namespace inv = codecs::inventory;
  const GroupId group = codecs::as_group_id(c.record[inv::group_id]);
  for (const codecs::RequiredItem& item : c.mef_layout.required) {
    if (!item.kind.ends_with("master-key") ||
        std::find(item.groups.begin(), item.groups.end(), group) == item.groups.end())
      continue;
    bool device = item.device_type == codecs::npos;
    for (const codecs::GroupInstance& g : c.record.group(inv::device))
      device = device || (g[inv::type].good() && g[inv::type].lo == item.device_type);
    bool present = false;
    for (const codecs::GroupInstance& g : c.record.group(inv::credential))
      present = present || g[inv::kind].text == item.kind;
    if (device && !present) report.add("credential.kind", item.kind);
  }
}

bool spoil(InstallationDraft& d, DraftWorld&) {
  const std::string kind = d.meters[0].present ? "esme-master-key" : "gsme-master-key";
  if (std::erase_if(d.credentials, [&](const CredentialDraft& c) { return c.kind == kind; }) == 0)
    return false;
  d.expect(inventory_master_key_missing.rule, ExpectedIn::inventory, "credential.kind", kind);
  d.settle(Outcome::excluded, WeekStage::inventory, &inventory_master_key_missing.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry inventory_master_key_missing{
    .rule =
        {
            .id = "inventory.master-key-missing",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .title = "A master key is missing",
            .meaning = "Without its master keys a Device cannot be taken over. Installations "
                       "without them are an Excluded "
                       "Category (proposed 2021).",
            .cause = "The key was never recorded, or was lost.",
            .remedy = "If the key can be found, add it to the inventory; otherwise the "
                      "installation stays excluded.",
        },
    .inventory = &check,
    .needs = Needs::file,
    .outcome = Outcome::excluded,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
