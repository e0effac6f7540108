#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mcf mvf mgf mef scf cof"};

}  // namespace

constinit const RuleEntry file_signer_expired{
    .rule =
        {
            .id = "file.signer-expired",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The signer's certificate is not valid at this time",
            .meaning = "The run's clock lies outside the validity period of the certificate or of "
                       "one above it.",
            .cause = "The certificate has expired, or is not valid yet.",
            .remedy =
                "Have the file signed with a valid certificate, or check the clock of the batch.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
