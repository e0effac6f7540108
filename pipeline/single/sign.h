#pragma once
// Signing and verifying one XML document, whatever it holds, in one streaming pass each.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "codecs/crypto/xmldsig.h"
#include "codecs/rules.h"
#include "core/file.h"
#include "core/finding.h"
#include "core/result.h"
#include "pipeline/exchange/signature_verdict.h"
#include "pipeline/single/document_scan.h"
#include "pipeline/single/xml_rewriter.h"

namespace s1flow::pipeline {

enum class Replace { no, yes };

struct SignedDocument {
  std::vector<codecs::Fault> faults;  // none: it has been written
  bool signed_before = false;         // with Replace::no that is all that happened
};

// Writes the document with a Signature as the root's last child; every other byte stays as it is.
// A signature that is there already is replaced, or with Replace::no ends the work.
[[nodiscard]] Result<SignedDocument> sign_document(
    const Path& path, codecs::crypto::SignatureMaker& maker, Replace replace, const ByteSink& sink,
    const std::function<void(std::uint64_t)>& progress = {});

// What the signature says of itself, readable before anything is checked.
struct SignatureFacts {
  codecs::crypto::SignatureReading reading;
  codecs::crypto::ParsedSignature parsed;
};
[[nodiscard]] SignatureFacts read_signature(const DocumentScan& scan);

// Roles in `required` may be empty: any role. Without faults of the document only.
[[nodiscard]] SignatureRefusal verify_scan(const DocumentScan& scan, const SignatureFacts& facts,
                                           const codecs::crypto::Pki& pki, UtcTime clock,
                                           const codecs::crypto::RequiredSigner& required);

// The use of the certificate that the signature names, when it is one for signatures; otherwise
// file signing, so that the check says what is wrong.
[[nodiscard]] codecs::crypto::CertificateUse use_of_signer(const SignatureFacts& facts,
                                                           const codecs::crypto::Pki& pki,
                                                           UtcTime clock);

}  // namespace s1flow::pipeline
