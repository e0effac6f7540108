#include "codecs/files/maf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const MafCheck& c, CheckReport& report) {
  if (c.meter != nullptr && c.parties[c.meter->inventory_supplier] != c.sender)
    report.add("mpxn", codecs::as_mpxn(c.record[codecs::maf::mpxn]).text());
}

bool spoil(InstallationDraft& d, DraftWorld& world) {
  for (unsigned m = 0; m < 2; ++m) {
    if (!d.meters[m].present) continue;
    d.meters[m].supplier = world.other_supplier(d.meters[m].maf_sender);
    d.expect(maf_supplier_not_responsible.rule, ExpectedIn::maf, "mpxn", d.meters[m].mpxn.text(),
             m);
  }
  d.settle(Outcome::not_authorised, WeekStage::maf, &maf_supplier_not_responsible.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry maf_supplier_not_responsible{
    .rule =
        {
            .id = "maf.supplier-not-responsible",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 17.20(f)",
            .title = "The sender is not the Responsible Supplier in the SMSO system",
            .meaning = "The SMSO's inventory has another supplier for the MPxN than the one that "
                       "sent the MAF.",
            .cause = "A change of supplier that one side has not recorded yet.",
            .remedy = "Settle who the Responsible Supplier is; correct the inventory or leave the "
                      "row out.",
        },
    .maf = &check,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
