#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mcf mvf mgf mef scf cof"};

}  // namespace

constinit const RuleEntry file_missing{
    .rule =
        {
            .id = "file.missing",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .clause = "MTAD 5.3, 5.6",
            .title = "An expected file has not arrived",
            .meaning = "The week goes on with each file only when the one before it is there.",
            .cause = "The sender has not made it, or the transfer failed.",
            .remedy = "Ask the sender for the file.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
