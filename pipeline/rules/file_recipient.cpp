#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mcf mvf mgf mef scf cof"};

}  // namespace

constinit const RuleEntry file_recipient{
    .rule =
        {
            .id = "file.recipient",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The file is for somebody else",
            .meaning =
                "The party that reads the file is not among the recipients that the header names.",
            .cause = "The file was delivered to the wrong party.",
            .remedy = "Send the file to its recipient.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
