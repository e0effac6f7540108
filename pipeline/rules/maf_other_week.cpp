#include "codecs/files/maf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const MafCheck& c, CheckReport& report) {
  const auto week = codecs::as_date(c.record[codecs::maf::migration_week]);
  if (week && week->is_monday() && *week > c.batch.clock.date() && *week != c.batch.week.monday())
    report.add("migration-week", week->text());
}

bool spoil(InstallationDraft& d, DraftWorld&) {
  for (unsigned m = 0; m < 2; ++m) {
    if (!d.meters[m].present) continue;
    d.meters[m].week = d.meters[m].week.plus_days(7);
    d.meters[m].migrate_on = d.meters[m].migrate_on.plus_days(7);
    d.expect(maf_other_week.rule, ExpectedIn::maf, "migration-week", d.meters[m].week.text(), m);
  }
  d.settle(Outcome::not_authorised, WeekStage::maf, &maf_other_week.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry maf_other_week{
    .rule =
        {
            .id = "maf.other-week",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .title = "The row is for another Migration Week",
            .meaning = "This batch is for one Migration Week; the row names another one that has "
                       "not started yet.",
            .cause = "The MAF covers several weeks, or went into the wrong batch.",
            .remedy = "Move the row to the batch of its week.",
        },
    .maf = &check,
    .needs = Needs::batch,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
