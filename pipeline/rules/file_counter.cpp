#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mcf mvf mgf mef scf cof"};

}  // namespace

constinit const RuleEntry file_counter{
    .rule =
        {
            .id = "file.counter",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The counter does not increase",
            .meaning = "Each sender's files have strictly increasing counters; an old or repeated "
                       "one means a replay.",
            .cause = "The file was sent again, or arrives out of order.",
            .remedy = "Have the sender make the file anew with the next counter.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
