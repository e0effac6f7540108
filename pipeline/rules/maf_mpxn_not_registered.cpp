#include "codecs/files/maf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const MafCheck& c, CheckReport& report) {
  if (c.installation == nullptr)
    report.add("mpxn", codecs::as_mpxn(c.record[codecs::maf::mpxn]).text());
}

bool spoil(InstallationDraft& d, DraftWorld&) {
  d.in_inventory = false;
  for (unsigned m = 0; m < 2; ++m)
    if (d.meters[m].present)
      d.expect(maf_mpxn_not_registered.rule, ExpectedIn::maf, "mpxn", d.meters[m].mpxn.text(), m);
  d.settle(Outcome::not_authorised, WeekStage::maf, &maf_mpxn_not_registered.rule);
  d.planned = false;
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry maf_mpxn_not_registered{
    .rule =
        {
            .id = "maf.mpxn-not-registered",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 17.20(a)",
            .title = "The MPxN is not known to the SMSO",
            .meaning = "No installation of the SMSO's inventory has this MPxN, so there is nothing "
                       "to migrate.",
            .cause = "The meter belongs to another SMSO, the number is mistyped, or the inventory "
                     "line is faulty.",
            .remedy = "Check the number with the supplier and the SMSO; correct the MAF or the "
                      "inventory.",
        },
    .maf = &check,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
