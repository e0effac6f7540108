#pragma once
// VerificationTable: ECDSA over P-256 (FIPS 186-4, 6.4) for a signer whose signatures are checked
// again and again. Multiples of the signer's public key are computed once, as OpenSSL has them of
// the curve's generator, so that a check costs two table walks instead of a multiplication.
//
// It works on the library's curves directly (curve.h), and on public values only. Verifier uses it
// where it pays, and the EVP way everywhere else; tests hold the two together. Immutable;
// thread-safe; about 150 kB.

#include <memory>
#include <optional>
#include <span>

#include "codecs/crypto/digest.h"

namespace s1flow::codecs::crypto {

class PublicKey;

class VerificationTable {
 public:
  // Null when the library refuses, or the key is not on P-256.
  [[nodiscard]] static std::unique_ptr<const VerificationTable> make(const PublicKey& signer);
  ~VerificationTable();
  VerificationTable(const VerificationTable&) = delete;
  VerificationTable& operator=(const VerificationTable&) = delete;

  // Whether the signature r, s holds for the digest. Both are of 32 bytes, and from 1 to the order
  // less one: the caller has seen to that. Nothing when the library fails, and the EVP way has to
  // tell.
  [[nodiscard]] std::optional<bool> holds(const Sha256Digest& digest,
                                          std::span<const unsigned char> r,
                                          std::span<const unsigned char> s) const;

 private:
  struct Groups;
  explicit VerificationTable(std::unique_ptr<const Groups> groups);
  std::unique_ptr<const Groups> groups_;
};

}  // namespace s1flow::codecs::crypto
