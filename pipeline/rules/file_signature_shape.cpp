#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

constexpr Fault kFault{.files = "mcf mvf mgf mef scf cof"};

}  // namespace

constinit const RuleEntry file_signature_shape{
    .rule =
        {
            .id = "file.signature-shape",
            .scope = RuleScope::file,
            .severity = Severity::error,
            .title = "The signature has not the pinned shape",
            .meaning =
                "Exactly one Signature, as the last child of the root, with one Reference to the "
                "whole document, the "
                "enveloped transform alone, and the signer named by issuer and serial; where each "
                "record is signed, the same of every record and its own id. Everything else is "
                "refused "
                "before any cryptography: it could let a reader see other data than were signed.",
            .cause =
                "Another signing tool with other settings, or an attempt to wrap the signature.",
            .remedy =
                "Have the sender sign in the profile of docs/formats/signature-and-encryption.md.",
        },
    .failure_class = FailureClass::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
