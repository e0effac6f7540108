#include "codecs/files/maf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const MafCheck& c, CheckReport& report) {
  const auto day = codecs::as_date(c.record[codecs::maf::migrate_on]);
  if (day && *day < c.batch.clock.date()) report.add("migrate-on", day->text());
}

bool spoil(InstallationDraft& d, DraftWorld& world) {
  // A past day is never inside a week that is still to come, so that rule speaks as well.
  const Date yesterday = world.clock.date().plus_days(-1);
  for (unsigned m = 0; m < 2; ++m) {
    if (!d.meters[m].present) continue;
    d.meters[m].migrate_on = yesterday;
    d.expect(maf_migrate_on_outside_week.rule, ExpectedIn::maf, "migrate-on", yesterday.text(), m);
    d.expect(maf_migrate_on_past.rule, ExpectedIn::maf, "migrate-on", yesterday.text(), m);
  }
  d.settle(Outcome::not_authorised, WeekStage::maf, &maf_migrate_on_outside_week.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry maf_migrate_on_past{
    .rule =
        {
            .id = "maf.migrate-on-past",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 17.20(e)",
            .title = "The Migrate On date is in the past",
            .meaning = "Migrate On lies before the run's date.",
            .cause = "The file was sent late, or an old file was sent again.",
            .remedy = "Give a date that is still to come.",
        },
    .maf = &check,
    .needs = Needs::batch,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
