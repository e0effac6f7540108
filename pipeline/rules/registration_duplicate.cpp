#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

bool spoil(InstallationDraft& d, DraftWorld&) {
  const unsigned m = d.first_meter();
  d.meters[m].registration_copies = 2;
  d.expect(registration_duplicate.rule, ExpectedIn::registration, "mpxn", d.meters[m].mpxn.text(),
           m);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry registration_duplicate{
    .rule =
        {
            .id = "registration.duplicate",
            .scope = RuleScope::record,
            .severity = Severity::warning,
            .title = "The registration data has the MPxN twice",
            .meaning = "An earlier row has the same MPxN. The first one counts.",
            .cause = "Two extracts were put together.",
            .remedy = "Remove one of the rows.",
        },
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
