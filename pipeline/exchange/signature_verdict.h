#pragma once
// What a document's signature is worth, as findings' rules: the one place where the outcome of a
// signature check becomes a rule, for files of a batch and for single files.

#include <cstdint>
#include <optional>
#include <string>

#include "codecs/crypto/xmldsig.h"
#include "core/finding.h"

namespace s1flow::pipeline {

// What reading the document has shown.
struct SignatureEvidence {
  std::size_t signatures = 0;
  bool misplaced = false;                           // some signature is not the root's last child
  const codecs::crypto::SignatureReading& reading;  // of the first one
  const codecs::crypto::ParsedSignature& parsed;
  const codecs::crypto::Sha256Digest& digest;  // of the document without its signature
};

// The rule that an outcome breaks; null: none.
[[nodiscard]] const Rule* rule_of(codecs::crypto::SignatureOutcome outcome);

struct SignatureRefusal {
  const Rule* rule = nullptr;  // null: the signature holds
  std::string note;
  const codecs::crypto::PkiEntry* signer = nullptr;  // when known
};

[[nodiscard]] SignatureRefusal judge_signature(const SignatureEvidence& evidence,
                                               const codecs::crypto::Pki& pki, UtcTime clock,
                                               const codecs::crypto::RequiredSigner& required);

}  // namespace s1flow::pipeline
