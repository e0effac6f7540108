#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mvf mgf mef scf cof record"};

}  // namespace

constinit const RuleEntry record_missing{
    .rule =
        {
            .id = "record.missing",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .title = "The file lacks an installation",
            .meaning = "Every installation that was handed on has to come back in the next file.",
            .cause = "A faulty writer, or a row was lost on the way.",
            .remedy = "Ask the sender what became of the installation.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
