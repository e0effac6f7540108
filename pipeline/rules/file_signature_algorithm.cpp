#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mcf mvf mgf mef scf cof"};

}  // namespace

constinit const RuleEntry file_signature_algorithm{
    .rule =
        {
            .id = "file.signature-algorithm",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The signature uses an algorithm that is not allowed",
            .meaning = "Only ECDSA P-256 with SHA-256, SHA-256 digests, and the canonicalisations "
                       "of the profile are "
                       "allowed.",
            .cause = "Another signing tool with other settings, or a downgrade.",
            .remedy = "Have the sender sign with the algorithms of the profile.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
