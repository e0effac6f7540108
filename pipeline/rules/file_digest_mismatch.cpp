#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mcf mvf mgf mef scf cof"};

}  // namespace

constinit const RuleEntry file_digest_mismatch{
    .rule =
        {
            .id = "file.digest-mismatch",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The file was changed after it was signed",
            .meaning = "The digest of the document as received is not the one that was signed.",
            .cause = "A byte was changed in transfer, by an editor, or on purpose.",
            .remedy = "Ask the sender for the file again.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
