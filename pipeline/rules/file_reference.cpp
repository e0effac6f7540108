#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mvf mgf mef scf cof"};

}  // namespace

constinit const RuleEntry file_reference{
    .rule =
        {
            .id = "file.reference",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The file refers to another MCF",
            .meaning = "MVF, MGF, MEF, SCF and COF name the MCF that they belong to by its sender "
                       "and counter; this is not "
                       "the one in hand.",
            .cause = "Files of two days were mixed up.",
            .remedy = "Ask the sender for the file that belongs to this MCF.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
