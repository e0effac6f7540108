#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mef"};

}  // namespace

constinit const RuleEntry file_not_for_this_key{
    .rule =
        {
            .id = "file.not-for-this-key",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The file is not for this key",
            .meaning = "No encrypted key in the file can be opened with the private key of the "
                       "reading party. Nothing more "
                       "is said on purpose.",
            .cause = "The file was encrypted for another certificate.",
            .remedy = "Have the sender encrypt for the recipient's current certificate.",
        },
    .failure_class = FailureClass::security,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
