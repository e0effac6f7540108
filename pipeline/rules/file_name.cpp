#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mcf mvf mgf mef scf cof maf"};

}  // namespace

constinit const RuleEntry file_name{
    .rule =
        {
            .id = "file.name",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .clause = "MTAD 5.3, 5.6",
            .title = "The file's name does not fit its content",
            .meaning = "The layout's name pattern repeats values of the header (sender, counter, "
                       "GroupID); here they differ, "
                       "or the name has another form.",
            .cause = "The file was renamed, or stored under the name of another.",
            .remedy = "Ask the sender for the file under its proper name.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
