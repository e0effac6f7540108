#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mcf mvf mgf mef scf cof"};

}  // namespace

constinit const RuleEntry file_signer_not_trusted{
    .rule =
        {
            .id = "file.signer-not-trusted",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The signer's certificate leads to no trusted root",
            .meaning =
                "The certificate's chain does not end at the root of the batch's pki folder.",
            .cause = "A certificate of another environment, or a forged one.",
            .remedy = "Have the file signed with a certificate of this environment.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
