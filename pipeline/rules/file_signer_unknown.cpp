#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mcf mvf mgf mef scf cof"};

}  // namespace

constinit const RuleEntry file_signer_unknown{
    .rule =
        {
            .id = "file.signer-unknown",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The signer's certificate is unknown",
            .meaning = "The batch's pki folder has no certificate of the issuer and serial number "
                       "that the signature names, "
                       "so the signature cannot be checked.",
            .cause = "A new certificate that is not in the folder yet.",
            .remedy = "Get the certificate from the repository and put it into the pki folder.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
