#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mcf mvf mgf mef scf cof"};

}  // namespace

constinit const RuleEntry file_signer_party{
    .rule =
        {
            .id = "file.signer-party",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The file is signed by another party than its sender",
            .meaning = "The signer has the right role, but the certificate's EUI-64 is not the "
                       "sender's in the header.",
            .cause = "Files of two parties were mixed up.",
            .remedy = "Have the file signed by its sender.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
