#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mvf mgf mef scf cof"};

}  // namespace

constinit const RuleEntry file_arrival_order{
    .rule =
        {
            .id = "file.arrival-order",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The file is older than the one it answers",
            .meaning = "A file that follows an MCF cannot have been made before it.",
            .cause = "A clock is wrong, or the file belongs to an earlier attempt.",
            .remedy = "Have the sender make the file anew.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
