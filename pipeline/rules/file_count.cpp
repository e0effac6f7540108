#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mcf mvf mgf mef scf cof"};

}  // namespace

constinit const RuleEntry file_count{
    .rule =
        {
            .id = "file.count",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The number of records is not what the file says",
            .meaning = "Header and trailer state how many records the file has.",
            .cause = "Records were lost or added, or the file was put together from two.",
            .remedy = "Ask the sender for the file again.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
