#include "codecs/files/maf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const MafCheck& c, CheckReport& report) {
  const auto week = codecs::as_date(c.record[codecs::maf::migration_week]);
  if (week && week->is_monday() && *week <= c.batch.clock.date())
    report.add("migration-week", week->text());
}

bool spoil(InstallationDraft& d, DraftWorld& world) {
  // The week of the clock, and a day in it that is not past.
  Date monday = world.clock.date();
  while (!monday.is_monday()) monday = monday.plus_days(-1);
  for (unsigned m = 0; m < 2; ++m) {
    if (!d.meters[m].present) continue;
    d.meters[m].week = monday;
    d.meters[m].migrate_on = monday.plus_days(6);
    d.expect(maf_week_started.rule, ExpectedIn::maf, "migration-week", monday.text(), m);
  }
  d.settle(Outcome::not_authorised, WeekStage::maf, &maf_week_started.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry maf_week_started{
    .rule =
        {
            .id = "maf.week-started",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 17.20(c)",
            .title = "The Migration Week has started",
            .meaning = "An authorisation has to be there before its week begins. The Monday lies "
                       "on or before the run's "
                       "date.",
            .cause = "The file was sent late, or an old file was sent again.",
            .remedy = "Authorise the installation for a later week.",
        },
    .maf = &check,
    .needs = Needs::batch,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
