#pragma once
// Keys, and ECDSA P-256 with SHA-256 over them. A key is either EC on P-256 or RSA of 2048 bits or
// more; every other key is refused when it is read, so whoever holds one need not ask again.
//
// PrivateKey and PublicKey share an immutable key object: copies are cheap and may be used by
// several threads at once. Signer and Verifier hold a context: one per worker, reused. No message
// ever holds bytes of a key or of a passphrase.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codecs/crypto/digest.h"
#include "codecs/crypto/openssl_owned.h"
#include "codecs/crypto/secret.h"
#include "core/result.h"

namespace s1flow::codecs::crypto {

class VerificationTable;

enum class KeyType : std::uint8_t { none, p256, rsa };
enum class NewKey : std::uint8_t { p256, rsa2048, rsa3072 };

class PublicKey {
 public:
  PublicKey() = default;  // "none"
  // PEM of a SubjectPublicKeyInfo.
  [[nodiscard]] static Result<PublicKey> from_pem(std::string_view pem);
  // The 65 bytes of an uncompressed point. Nothing unless the first is 04 and the point lies on
  // P-256; compressed and hybrid forms and infinity are refused.
  [[nodiscard]] static std::optional<PublicKey> from_p256_point(
      std::span<const unsigned char> point);
  // Takes over one reference; nothing when the key is of no kind that is accepted here.
  [[nodiscard]] static std::optional<PublicKey> adopt(Owned<evp_pkey_st> key);

  [[nodiscard]] KeyType type() const { return type_; }
  [[nodiscard]] unsigned bits() const;
  // Only for P-256: 04 followed by both coordinates.
  [[nodiscard]] std::optional<std::array<unsigned char, 65>> p256_point() const;
  [[nodiscard]] std::string to_pem() const;
  [[nodiscard]] evp_pkey_st* handle() const { return key_.get(); }

  friend bool operator==(const PublicKey& a, const PublicKey& b);

 private:
  friend class PrivateKey;
  friend class Verifier;
  struct Repeats;
  // A table for a key whose signatures were checked often enough that one pays; or null.
  [[nodiscard]] const VerificationTable* table_if_often() const;

  std::shared_ptr<evp_pkey_st> key_;
  std::shared_ptr<Repeats> repeats_;  // of P-256
  KeyType type_ = KeyType::none;
};

class PrivateKey {
 public:
  PrivateKey() = default;  // "none"
  // PEM of a private key, plain or (PKCS#8, traditional) encrypted. An encrypted key without a
  // passphrase is an error; nobody is asked for one.
  [[nodiscard]] static Result<PrivateKey> from_pem(
      std::string_view pem, std::optional<std::string_view> passphrase = std::nullopt);
  [[nodiscard]] static Result<PrivateKey> generate(NewKey kind);
  // Takes over one reference to a key that may sign or agree, wherever its private half is; nothing
  // when it is of no kind that is accepted here.
  [[nodiscard]] static std::optional<PrivateKey> adopt(Owned<evp_pkey_st> key);

  [[nodiscard]] KeyType type() const { return public_.type(); }
  [[nodiscard]] const PublicKey& public_key() const { return public_; }
  // PKCS#8 PEM without encryption.
  [[nodiscard]] Result<Secret> to_pem() const;
  [[nodiscard]] evp_pkey_st* handle() const { return public_.handle(); }

 private:
  PublicKey public_;  // OpenSSL keeps both halves in one object
};

// r ‖ s, 32 bytes each, as XML Signature carries it (not DER).
using EcdsaSignature = std::array<unsigned char, 64>;

class Signer {
 public:
  // A usage error for a key that is not P-256.
  [[nodiscard]] static Result<Signer> make(const PrivateKey& key);

  [[nodiscard]] Result<EcdsaSignature> sign(std::span<const unsigned char> message);
  [[nodiscard]] Result<EcdsaSignature> sign_digest(const Sha256Digest& digest);

 private:
  Signer(PrivateKey key, Owned<evp_pkey_ctx_st> context);
  PrivateKey key_;
  Owned<evp_pkey_ctx_st> context_;
  Sha256 sha_;
};

// What a Verifier may do for keys that come again and again: work out a table for them
// (verification_table.h), once and for all who use the key. That takes a thread some tens of
// milliseconds, after which each check takes little more than half of the time.
enum class Tables : std::uint8_t { never, where_they_pay };

class Verifier {
 public:
  explicit Verifier(Tables tables = Tables::never) : tables_(tables) {}

  // False unless the key is P-256, the signature has exactly 64 bytes, 1 <= r, s < n, and it holds.
  // Either of s and n-s is accepted (XML Signature has no low-s rule), so a signature's bytes never
  // identify a message.
  [[nodiscard]] bool verify(const PublicKey& key, std::span<const unsigned char> message,
                            std::span<const unsigned char> signature);
  [[nodiscard]] bool verify_digest(const PublicKey& key, const Sha256Digest& digest,
                                   std::span<const unsigned char> signature);

 private:
  Tables tables_;
  // The context of the key used last; most callers check many signatures of one signer.
  PublicKey key_;
  Owned<evp_pkey_ctx_st> context_;
  Sha256 sha_;
};

}  // namespace s1flow::codecs::crypto
