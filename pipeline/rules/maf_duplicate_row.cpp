#include "codecs/files/maf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

bool spoil(InstallationDraft& d, DraftWorld& world) {
  unsigned m = d.first_meter();
  if (d.dual_fuel()) m = static_cast<unsigned>(world.random.below(2));
  d.meters[m].copies = 2;
  d.expect(maf_duplicate_row.rule, ExpectedIn::maf, "mpxn", d.meters[m].mpxn.text(), m);
  return true;  // the first row counts, so nothing changes
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry maf_duplicate_row{
    .rule =
        {
            .id = "maf.duplicate-row",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .title = "The MPxN is authorised twice",
            .meaning = "An earlier row of this week has the same MPxN. The first one counts.",
            .cause = "A file was sent twice, or a row was copied.",
            .remedy = "Remove one of the rows.",
        },
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
