#include "codecs/files/maf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const MafCheck& c, CheckReport& report) {
  if (c.installation != nullptr && c.installation->epcl == EpclMatch::none)
    report.add("mpxn", codecs::as_mpxn(c.record[codecs::maf::mpxn]).text());
}

bool spoil(InstallationDraft& d, DraftWorld&) {
  d.device(DeviceType::chf)->model = "UNLISTED";
  for (unsigned m = 0; m < 2; ++m)
    if (d.meters[m].present)
      d.expect(maf_epcl_no_match.rule, ExpectedIn::maf, "mpxn", d.meters[m].mpxn.text(), m);
  d.settle(Outcome::not_authorised, WeekStage::maf, &maf_epcl_no_match.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry maf_epcl_no_match{
    .rule =
        {
            .id = "maf.epcl-no-match",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 4.4",
            .title = "The installation matches no entry of the EPCL",
            .meaning = "No Eligible Product Combination has the installation's Device models, "
                       "firmware and communications "
                       "provider.",
            .cause = "A model or firmware version that is not eligible yet, or a wrong entry in "
                     "the inventory.",
            .remedy = "Upgrade the firmware, correct the inventory, or wait until the combination "
                      "is on the list.",
            .public_code = "MA110",
        },
    .maf = &check,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
