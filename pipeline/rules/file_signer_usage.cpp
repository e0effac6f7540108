#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "scf"};

}  // namespace

constinit const RuleEntry file_signer_usage{
    .rule =
        {
            .id = "file.signer-usage",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The signer's certificate is not for signatures",
            .meaning = "Its key usage is another one, such as key agreement.",
            .cause = "The wrong key was used.",
            .remedy = "Have the file signed with the sender's file-signing key.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
