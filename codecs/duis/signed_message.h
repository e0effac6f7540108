#pragma once
// The ds:Signature of a DUIS message in canonical form: who signed, and whether it holds. Shape and
// trust are those of codecs/crypto/xmldsig.h. A signature in the very layout that s1flow writes is
// checked without parsing; the verdict is the same.
//
// One checker per worker, reused; not thread-safe.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/crypto/xmldsig.h"
#include "codecs/duis/message.h"
#include "codecs/duis/tag_scanner.h"
#include "core/calendar.h"

namespace s1flow::codecs::duis {

// Where the Signature stands in the canonical bytes, and what is declared around it.
struct SignaturePlace {
  std::size_t begin = 0;
  std::size_t end = 0;
  crypto::NamespaceContext context;  // empty when only sr is declared
};

class SignatureInspector {
 public:
  [[nodiscard]] crypto::SignatureVerdict check(std::string_view canonical,
                                               const SignaturePlace& place, const crypto::Pki& pki,
                                               UtcTime clock,
                                               const crypto::RequiredSigner& required);

 private:
  struct Known {
    std::string names;  // issuer and serial as the message has them
    crypto::PkiAnswer answer;
  };
  std::optional<crypto::SignatureVerdict> check_own_layout(std::string_view canonical,
                                                           const SignaturePlace& place,
                                                           const crypto::Sha256Digest& digest,
                                                           const crypto::Pki& pki, UtcTime clock,
                                                           const crypto::RequiredSigner& required);
  const crypto::PkiAnswer* find(std::string_view names, std::string_view issuer,
                                std::string_view serial, const crypto::Pki& pki, UtcTime clock);

  crypto::SignatureReader reader_;
  crypto::SignatureChecker checker_;
  crypto::ParsedSignature parsed_;
  crypto::Verifier verifier_;
  // Signers met, under the pki and clock of the last call; dropped when either changes.
  std::vector<Known> known_;
  const void* pki_ = nullptr;
  UtcTime clock_;
};

// Signatures of what the DCC sends: responses, acknowledgements and alerts. `missing` for an
// unsigned message, which an acknowledgement may be. The inner signatures of N55 and SMETS1
// responses are not looked at.
class SignedMessageChecker {
 public:
  [[nodiscard]] crypto::SignatureVerdict check(std::string_view bytes, const crypto::Pki& pki,
                                               UtcTime clock);

 private:
  XmlNormaliser xml_;
  SignatureInspector inspector_;
};

}  // namespace s1flow::codecs::duis
