#include "codecs/files/maf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const MafCheck& c, CheckReport& report) {
  if (c.meter != nullptr && c.meter->supplier != kNone16 &&
      c.parties[c.meter->supplier] != c.sender)
    report.add("mpxn", codecs::as_mpxn(c.record[codecs::maf::mpxn]).text());
}

bool spoil(InstallationDraft& d, DraftWorld& world) {
  for (unsigned m = 0; m < 2; ++m) {
    if (!d.meters[m].present) continue;
    d.meters[m].registered_supplier = world.other_supplier(d.meters[m].maf_sender);
    d.expect(maf_registration_differs.rule, ExpectedIn::maf, "mpxn", d.meters[m].mpxn.text(), m);
  }
  d.settle(Outcome::not_authorised, WeekStage::maf, &maf_registration_differs.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry maf_registration_differs{
    .rule =
        {
            .id = "maf.registration-differs",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .title = "The sender is not the registered supplier",
            .meaning = "The registration data has another supplier for the MPxN than the one that "
                       "sent the MAF.",
            .cause = "A change of supplier is under way.",
            .remedy = "Wait for the change to complete, or have the new supplier authorise the "
                      "migration.",
        },
    .maf = &check,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
