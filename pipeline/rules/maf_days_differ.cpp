#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const AuthorisationCheck& c, CheckReport& report) {
  const auto& [electricity, gas] = c.installation.meters;
  if (electricity.authorised && gas.authorised && electricity.day != gas.day)
    report.add("migrate-on", c.batch.week.monday().plus_days(gas.day).text(), {}, 1);
}

bool spoil(InstallationDraft& d, DraftWorld& world) {
  if (!d.dual_fuel()) return false;
  const Date monday = world.week.monday();
  d.meters[1].migrate_on = d.meters[1].migrate_on == monday ? monday.plus_days(1) : monday;
  d.expect(maf_days_differ.rule, ExpectedIn::maf, "migrate-on", d.meters[1].migrate_on.text(), 1);
  d.settle(Outcome::not_authorised, WeekStage::maf, &maf_days_differ.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry maf_days_differ{
    .rule =
        {
            .id = "maf.days-differ",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .title = "The meters of one installation are authorised for different days",
            .meaning = "An installation migrates as a whole, on one day.",
            .cause = "Two suppliers, or two rows, were not matched with each other.",
            .remedy = "Agree on one Migrate On date.",
        },
    .authorisation = &check,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
