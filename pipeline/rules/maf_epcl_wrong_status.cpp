#include "codecs/files/maf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const MafCheck& c, CheckReport& report) {
  if (c.installation != nullptr && c.installation->epcl == EpclMatch::wrong_status)
    report.add("mpxn", codecs::as_mpxn(c.record[codecs::maf::mpxn]).text());
}

bool spoil(InstallationDraft& d, DraftWorld&) {
  // Generated lists hold these hubs for one kind of meter only.
  bool dormant = false;
  for (const MeterDraft& m : d.meters) dormant = dormant || (m.present && !m.active);
  d.device(DeviceType::chf)->model = dormant ? "ACTIVEONLY" : "DORMANTONLY";
  for (unsigned m = 0; m < 2; ++m)
    if (d.meters[m].present)
      d.expect(maf_epcl_wrong_status.rule, ExpectedIn::maf, "mpxn", d.meters[m].mpxn.text(), m);
  d.settle(Outcome::not_authorised, WeekStage::maf, &maf_epcl_wrong_status.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry maf_epcl_wrong_status{
    .rule =
        {
            .id = "maf.epcl-wrong-status",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 4.4",
            .title = "The EPCL entry does not cover Active or Dormant Meters as they occur here",
            .meaning = "An entry of the EPCL applies to installations with Active Meters only, "
                       "with Dormant Meters only, or "
                       "to either.",
            .cause = "Testing for the other kind of meter has not ended yet.",
            .remedy = "Leave the installation out until the entry covers it.",
        },
    .maf = &check,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
