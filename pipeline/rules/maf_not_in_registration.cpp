#include "codecs/files/maf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const MafCheck& c, CheckReport& report) {
  if (c.meter != nullptr && c.meter->supplier == kNone16)
    report.add("mpxn", codecs::as_mpxn(c.record[codecs::maf::mpxn]).text());
}

bool spoil(InstallationDraft& d, DraftWorld&) {
  for (unsigned m = 0; m < 2; ++m) {
    if (!d.meters[m].present) continue;
    d.meters[m].registered = false;
    d.expect(maf_not_in_registration.rule, ExpectedIn::maf, "mpxn", d.meters[m].mpxn.text(), m);
  }
  d.settle(Outcome::not_authorised, WeekStage::maf, &maf_not_in_registration.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry maf_not_in_registration{
    .rule =
        {
            .id = "maf.not-in-registration",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .title = "The MPxN is not in the registration data",
            .meaning = "Without a registration nobody can say who the Responsible Supplier and the "
                       "network operator are.",
            .cause = "The extract of the registration data is incomplete or old.",
            .remedy = "Take a newer extract of the registration data.",
        },
    .maf = &check,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
