#pragma once
// Messages for the signature tests: one small document, its signature apart from it, and the digest
// that a reader of the document would come to.

#include <string>
#include <string_view>

#include "codecs/crypto/xmldsig.h"
#include "tests/codecs/crypto_support.h"

namespace s1flow::codecs::crypto::testing_support {

// Canonical, with a namespace that only the inclusive form keeps.
inline constexpr std::string_view kDocument =
    "<m:File xmlns:m=\"urn:example:file\" xmlns:unused=\"urn:example:unused\" v=\"1\">"
    "<m:A>x &amp; y</m:A></m:File>";

[[nodiscard]] Sha256Digest document_digest();
// The ds:Signature element over kDocument by a certificate of the shared PKI.
[[nodiscard]] std::string make_signature(PartyRole role = PartyRole::requesting_party,
                                         CertificateUse use = CertificateUse::file_signing);
[[nodiscard]] std::string make_signature(const Certificate& certificate, const PrivateKey& key);
// kDocument with the element before its end tag.
[[nodiscard]] std::string with_signature(std::string_view signature);
// Out of a document that has exactly one.
[[nodiscard]] std::string cut_signature(std::string_view document, std::string_view prefix = "ds:");

[[nodiscard]] RequiredSigner by_requesting_party();

struct Verdict {
  SignatureOutcome outcome;
  std::string_view why;
};
// Reading, shape and verification in one, as a receiver does it.
[[nodiscard]] Verdict judge(std::string_view signature, const NamespaceContext& context = {},
                            const Sha256Digest& digest = document_digest(),
                            const RequiredSigner& required = by_requesting_party(),
                            const Pki& pki = shared_pki(), UtcTime clock = clock_of_tests());

// Replaces `from`, which must be there, once (or everywhere).
[[nodiscard]] std::string replaced(std::string text, std::string_view from, std::string_view to);
[[nodiscard]] std::string replaced_all(std::string text, std::string_view from,
                                       std::string_view to);

}  // namespace s1flow::codecs::crypto::testing_support
