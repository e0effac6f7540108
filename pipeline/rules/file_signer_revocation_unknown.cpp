#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mcf mvf mgf mef scf cof"};

}  // namespace

constinit const RuleEntry file_signer_revocation_unknown{
    .rule =
        {
            .id = "file.signer-revocation-unknown",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "Whether the signer's certificate is revoked is not known",
            .meaning = "The revocation list of the authority that issued the certificate, or one "
                       "above it, is not current at the run's clock, or is missing where lists are "
                       "required.",
            .cause = "The list in the pki folder is old.",
            .remedy =
                "Put the current list into the pki folder, or let old lists pass: --revocation "
                "stale-too, or revocation in batch.toml.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
