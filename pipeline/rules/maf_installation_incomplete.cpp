#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const AuthorisationCheck& c, CheckReport& report) {
  const auto& meters = c.installation.meters;
  for (unsigned m = 0; m < meters.size(); ++m)
    if (meters[m].present() && !meters[m].authorised && meters[1 - m].authorised)
      report.add("mpxn", Mpxn::unpack(meters[m].mpxn).text(), {}, 1 - m);
}

bool spoil(InstallationDraft& d, DraftWorld&) {
  if (!d.dual_fuel()) return false;
  d.meters[1].in_maf = false;
  d.expect(maf_installation_incomplete.rule, ExpectedIn::maf, "mpxn", d.meters[1].mpxn.text(), 0);
  d.settle(Outcome::not_authorised, WeekStage::maf, &maf_installation_incomplete.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry maf_installation_incomplete{
    .rule =
        {
            .id = "maf.installation-incomplete",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 5.2(c)",
            .title = "Not all meters of the installation are authorised",
            .meaning = "An installation migrates as a whole; the other meter has no row, or its "
                       "row was rejected.",
            .cause = "The other supplier has sent no authorisation, or one with an exception.",
            .remedy = "Get the other meter authorised for the same day.",
        },
    .authorisation = &check,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
