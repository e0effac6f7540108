#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mcf mvf mgf mef scf cof record"};

}  // namespace

constinit const RuleEntry record_duplicate{
    .rule =
        {
            .id = "record.duplicate",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .title = "The file has the installation twice",
            .meaning =
                "An earlier record of the file has the same installation id. The first one counts.",
            .cause = "A faulty writer.",
            .remedy = "Have the file made anew.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
