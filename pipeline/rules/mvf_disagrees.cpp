#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mvf record"};

}  // namespace

constinit const RuleEntry mvf_disagrees{
    .rule =
        {
            .id = "mvf.disagrees",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 5.3(c)",
            .title = "The MVF says something else than the validation of the MCF",
            .meaning = "The Commissioning Party reports another result for the installation than a "
                       "validation of the same "
                       "MCF gives.",
            .cause = "The other side uses other rules or other data.",
            .remedy = "Compare the reasons in the MVF with the findings of this run.",
        },
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
