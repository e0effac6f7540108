#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mcf mvf mgf mef scf cof"};

}  // namespace

constinit const RuleEntry file_week{
    .rule =
        {
            .id = "file.week",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The file is for another week or day",
            .meaning = "The Migration Week and day in the header are not those of this exchange.",
            .cause = "A file of another day.",
            .remedy = "Ask the sender for the file of this day.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
