#pragma once
// How a content key gets to its recipient, as raw bytes; xmlenc.h puts them into XML.
//
//   key agreement  ECDH of a fresh P-256 key with the recipient's, ConcatKDF with SHA-256, AES-256
//                  key wrap (RFC 3394)
//   RSA-OAEP       with SHA-1 (the only form that xmlsec1 1.2 reads) or SHA-256
//
// Opening gives a key or nothing; it never tells why not. Pure functions; thread-safe.

#include <array>
#include <optional>
#include <span>
#include <string>

#include "codecs/crypto/content_cipher.h"
#include "codecs/crypto/key.h"
#include "core/eui64.h"

namespace s1flow::codecs::crypto {

// What goes into the key derivation beside the shared secret, without the leading octets that XML
// puts before each. The lengths never vary, so plain concatenation is unambiguous.
struct AgreementInfo {
  std::string algorithm_id;  // identifier of the key wrap algorithm
  std::string party_u;       // EUI-64 of the originator, 8 octets
  std::string party_v;       // EUI-64 of the recipient, 8 octets
  friend bool operator==(const AgreementInfo&, const AgreementInfo&) = default;
};
[[nodiscard]] AgreementInfo agreement_info(Eui64 originator, Eui64 recipient);

inline constexpr std::size_t kWrappedKeyBytes = kContentKeyBytes + 8;

struct AgreedKey {
  std::array<unsigned char, 65> ephemeral;  // 04 and both coordinates
  std::array<unsigned char, kWrappedKeyBytes> wrapped;
};
[[nodiscard]] Result<AgreedKey> wrap_by_agreement(const ContentKey& key, const PublicKey& recipient,
                                                  const AgreementInfo& info);
[[nodiscard]] std::optional<ReceivedKey> unwrap_by_agreement(
    std::span<const unsigned char> ephemeral, std::span<const unsigned char> wrapped,
    const PrivateKey& recipient, const AgreementInfo& info);

// The steps of the above. The x coordinate of the shared point (32 bytes); nothing for keys that
// are not on P-256.
[[nodiscard]] std::optional<Secret> agree(const PrivateKey& own, const PublicKey& peer);
// ConcatKDF (SP 800-56A) with SHA-256 over the secret and the info as it stands: 32 bytes.
[[nodiscard]] Secret derive_wrap_key(const Secret& shared, const AgreementInfo& info);
// Under AES-256 key wrap; nothing unless the wrapping key has 32 bytes and the check value holds.
[[nodiscard]] std::optional<Secret> unwrap_key(std::span<const unsigned char> wrap_key,
                                               std::span<const unsigned char> wrapped);

enum class OaepDigest { sha1, sha256 };  // of the label and of the mask
[[nodiscard]] Result<std::string> wrap_by_rsa(const ContentKey& key, const PublicKey& recipient,
                                              OaepDigest digest);
[[nodiscard]] std::optional<ReceivedKey> unwrap_by_rsa(std::span<const unsigned char> wrapped,
                                                       const PrivateKey& recipient,
                                                       OaepDigest digest);

}  // namespace s1flow::codecs::crypto
