#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mcf mvf mgf mef scf cof"};

}  // namespace

constinit const RuleEntry file_signature_invalid{
    .rule =
        {
            .id = "file.signature-invalid",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The signature value does not hold",
            .meaning = "The signature over SignedInfo cannot have been made with the signer's key.",
            .cause = "SignedInfo or SignatureValue was changed, or another key was used.",
            .remedy = "Ask the sender for the file again.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
