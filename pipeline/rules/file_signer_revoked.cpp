#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mcf mvf mgf mef scf cof"};

}  // namespace

constinit const RuleEntry file_signer_revoked{
    .rule =
        {
            .id = "file.signer-revoked",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The signer's certificate is revoked",
            .meaning =
                "A revocation list in the pki folder names the certificate, or one above it, "
                "with a date that is not after the run's clock.",
            .cause = "The certificate has been replaced, or its key is no longer safe.",
            .remedy =
                "Have the file signed with a valid certificate; ask the sender what happened.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
