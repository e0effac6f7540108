#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mcf mvf mgf mef scf cof"};

}  // namespace

constinit const RuleEntry file_signer_role{
    .rule =
        {
            .id = "file.signer-role",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The file is signed by the wrong role",
            .meaning = "Each kind of file has its signer: MCF, MGF and MEF the Requesting Party, "
                       "MVF and COF the "
                       "Commissioning Party, SCF the S1SP.",
            .cause = "The wrong key was used.",
            .remedy = "Have the file signed with the sender's file-signing key.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
