#include "codecs/files/maf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const MafCheck& c, CheckReport& report) {
  const auto week = codecs::as_date(c.record[codecs::maf::migration_week]);
  if (week && !week->is_monday()) report.add("migration-week", week->text());
}

bool spoil(InstallationDraft& d, DraftWorld& world) {
  const int shift = 1 + static_cast<int>(world.random.below(6));
  for (unsigned m = 0; m < 2; ++m) {
    if (!d.meters[m].present) continue;
    d.meters[m].week = world.week.monday().plus_days(shift);
    d.expect(maf_week_not_monday.rule, ExpectedIn::maf, "migration-week", d.meters[m].week.text(),
             m);
  }
  d.settle(Outcome::not_authorised, WeekStage::maf, &maf_week_not_monday.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry maf_week_not_monday{
    .rule =
        {
            .id = "maf.week-not-monday",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 17.20(b)",
            .title = "The Migration Week does not start on a Monday",
            .meaning = "A Migration Week is named by the date of its Monday.",
            .cause = "Another day of the week was given, or day and month were swapped.",
            .remedy = "Give the date of the Monday.",
        },
    .maf = &check,
    .needs = Needs::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
