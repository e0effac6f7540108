#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mvf mgf mef scf cof record"};

}  // namespace

constinit const RuleEntry record_unknown{
    .rule =
        {
            .id = "record.unknown",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .title = "The installation is not in the MCF",
            .meaning = "A file that follows an MCF may hold only installations of that MCF.",
            .cause = "Files of two days were mixed up, or a faulty writer.",
            .remedy = "Have the file made anew.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
