#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mcf mvf mgf mef scf cof"};

}  // namespace

constinit const RuleEntry file_signature_missing{
    .rule =
        {
            .id = "file.signature-missing",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The file is not signed",
            .meaning = "Migration files carry an enveloped XML Signature as the last child of "
                       "their root element; where the layout says so, each record carries its own.",
            .cause = "The file was taken before it was signed, or the signature was cut off.",
            .remedy = "Have the sender sign the file.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
