#include "codecs/files/maf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const MafCheck& c, CheckReport& report) {
  const auto monday = codecs::as_date(c.record[codecs::maf::migration_week]);
  const auto week = monday ? MigrationWeek::from_monday(*monday) : std::nullopt;
  const auto day = codecs::as_date(c.record[codecs::maf::migrate_on]);
  if (week && day && !week->contains(*day)) report.add("migrate-on", day->text());
}

bool spoil(InstallationDraft& d, DraftWorld& world) {
  for (unsigned m = 0; m < 2; ++m) {
    if (!d.meters[m].present) continue;
    d.meters[m].migrate_on = world.week.monday().plus_days(8);
    d.expect(maf_migrate_on_outside_week.rule, ExpectedIn::maf, "migrate-on",
             d.meters[m].migrate_on.text(), m);
  }
  d.settle(Outcome::not_authorised, WeekStage::maf, &maf_migrate_on_outside_week.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry maf_migrate_on_outside_week{
    .rule =
        {
            .id = "maf.migrate-on-outside-week",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 17.20(d)",
            .title = "The Migrate On date lies outside the Migration Week",
            .meaning = "Migrate On has to be one of the seven days that begin with the Monday of "
                       "the Migration Week.",
            .cause = "One of the two dates was changed and the other forgotten.",
            .remedy = "Give a Migrate On date inside the week.",
        },
    .maf = &check,
    .needs = Needs::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
