#include "codecs/files/inventory.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const InventoryCheck& c, CheckReport& report) {
  namespace inv = codecs::inventory;
  std::array<unsigned, kDeviceTypeNames.size()> count{};
  for (const codecs::GroupInstance& g : c.record.group(inv::device))
    if (const auto type = codecs::as_code<DeviceType>(g[inv::type]))
      ++count[static_cast<std::size_t>(*type)];
  const auto of = [&](DeviceType t) { return count[static_cast<std::size_t>(t)]; };
  const auto lacks = [&](std::string_view what) { report.add("device.type", {}, what); };
  if (of(DeviceType::chf) != 1)
    lacks("needs exactly one CHF");
  else if (of(DeviceType::esme) + of(DeviceType::gsme) == 0)
    lacks("needs a meter");
  else if (of(DeviceType::esme) > 1 || of(DeviceType::gsme) > 1)
    lacks("more than one meter of a kind");
  else if (of(DeviceType::gsme) == 1 && of(DeviceType::gpf) != 1)
    lacks("a gas meter needs one GPF");
}

bool spoil(InstallationDraft& d, DraftWorld&) {
  if (!d.meters[1].present) return false;
  std::erase_if(d.devices, [](const DeviceDraft& x) { return x.type == DeviceType::gpf; });
  d.expect(inventory_combination.rule, ExpectedIn::inventory, "device.type");
  d.settle(Outcome::rejected, WeekStage::inventory, &inventory_combination.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry inventory_combination{
    .rule =
        {
            .id = "inventory.combination",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .title = "The installation lacks a Device that it needs",
            .meaning = "An installation has one communications hub (CHF), at least one meter, at "
                       "most one meter of each "
                       "kind, and a gas proxy (GPF) when it has a gas meter.",
            .cause = "A Device was left out of the export, or is filed under another installation.",
            .remedy = "Complete the installation in the inventory.",
        },
    .inventory = &check,
    .needs = Needs::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
