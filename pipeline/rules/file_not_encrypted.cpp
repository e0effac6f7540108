#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mef"};

}  // namespace

constinit const RuleEntry file_not_encrypted{
    .rule =
        {
            .id = "file.not-encrypted",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .clause = "MTAD 5.3(e)",
            .title = "Credentials stand unencrypted in the MEF",
            .meaning = "Every share of a MEF has to be encrypted for its recipient.",
            .cause = "A faulty writer, or a decrypted copy was sent on.",
            .remedy = "Treat the keys as exposed, and have the file made anew.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
