#pragma once
// AgreementTable: wrap_by_agreement() for a recipient to whom many keys go. Multiples of the
// recipient's public key are computed once, as OpenSSL has them of the curve's generator, so that
// agreeing on a key costs two table walks instead of a walk and a multiplication.
//
// It works on the library's curves directly (curve.h). unwrap_by_agreement(), which takes the EVP
// way, opens what comes of it; tests hold the two together. Immutable; thread-safe; about 150 kB.

#include <memory>

#include "codecs/crypto/key.h"
#include "codecs/crypto/key_transport.h"
#include "core/result.h"

namespace s1flow::codecs::crypto {

class AgreementTable {
 public:
  // A usage error for a key that is not on P-256.
  [[nodiscard]] static Result<AgreementTable> make(const PublicKey& recipient);

  // As wrap_by_agreement().
  [[nodiscard]] Result<AgreedKey> wrap(const ContentKey& key, const AgreementInfo& info) const;

 private:
  struct Groups;
  explicit AgreementTable(std::shared_ptr<const Groups> groups) : groups_(std::move(groups)) {}
  std::shared_ptr<const Groups> groups_;
};

}  // namespace s1flow::codecs::crypto
