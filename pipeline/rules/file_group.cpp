#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mgf mef scf"};

}  // namespace

constinit const RuleEntry file_group{
    .rule =
        {
            .id = "file.group",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The file is for another GroupID",
            .meaning = "The GroupID in the header is not the one that the file was expected for.",
            .cause = "Files of two groups were mixed up.",
            .remedy = "Ask the sender for the file of this group.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
