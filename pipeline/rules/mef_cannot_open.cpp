#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mef record"};

}  // namespace

constinit const RuleEntry mef_cannot_open{
    .rule =
        {
            .id = "mef.cannot-open",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 5.3(e)",
            .title = "A share cannot be opened",
            .meaning = "The encrypted credentials of one installation do not open with the key "
                       "that opens the others. "
                       "Nothing more is said on purpose.",
            .cause = "The ciphertext was damaged before the file was signed.",
            .remedy = "Have the MEF made anew.",
        },
    .failure_class = FailureClass::security,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
