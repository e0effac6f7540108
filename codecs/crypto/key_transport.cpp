#include "codecs/crypto/key_transport.h"

#include <utility>

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "codecs/crypto/key_wrap.h"
#include "codecs/crypto/or_bad_alloc.h"
#include "codecs/crypto/xml_security_names.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

constexpr std::size_t kSharedSecret = 32;
constexpr std::size_t kMostWrapped = 1UL << 20;

std::string octets_of(Eui64 eui) {
  std::string hex;
  eui.append_plain_to(hex);
  return *decode_hex(hex);
}

const EVP_CIPHER* aes_256_wrap() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-WRAP", nullptr);
  return cipher;
}

enum class Direction { unwrap, wrap };

// RFC 3394; false when the library refuses, which for unwrapping means that the check value does
// not hold.
bool key_wrap(Direction direction, std::span<const unsigned char> key,
              std::span<const unsigned char> from, std::span<unsigned char> to) {
  const Owned<evp_cipher_ctx_st> context(or_bad_alloc(EVP_CIPHER_CTX_new()));
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  int done = 0;
  int rest = 0;
  return EVP_CipherInit_ex2(context.get(), aes_256_wrap(), key.data(), nullptr,
                            direction == Direction::wrap ? 1 : 0, nullptr) == 1 &&
         EVP_CipherUpdate(context.get(), to.data(), &done, from.data(),
                          static_cast<int>(from.size())) == 1 &&
         EVP_CipherFinal_ex(context.get(), to.data() + done, &rest) == 1 &&
         static_cast<std::size_t>(done) == to.size() && rest == 0;
}

Owned<evp_pkey_ctx_st> oaep_context(evp_pkey_st* key, OaepDigest digest,
                                    int (*init)(EVP_PKEY_CTX*)) {
  Owned<evp_pkey_ctx_st> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  const char* const name = digest == OaepDigest::sha1 ? "SHA1" : "SHA256";
  if (!context || init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) != 1 ||
      EVP_PKEY_CTX_set_rsa_oaep_md_name(context.get(), name, nullptr) != 1 ||
      EVP_PKEY_CTX_set_rsa_mgf1_md_name(context.get(), name, nullptr) != 1)
    return nullptr;
  return context;
}

struct OaepContext {
  PublicKey recipient;  // holds its handle, so that no other key can have the same
  OaepDigest digest{};
  Owned<evp_pkey_ctx_st> context;
};

// Making one takes a fifth as long as encrypting by it, and many small files go to one recipient:
// each thread keeps its last.
evp_pkey_ctx_st* encrypting_context(const PublicKey& recipient, OaepDigest digest) {
  thread_local OaepContext last;
  if (last.context && last.recipient.handle() == recipient.handle() && last.digest == digest)
    return last.context.get();
  last = {.recipient = recipient,
          .digest = digest,
          .context = oaep_context(recipient.handle(), digest, &EVP_PKEY_encrypt_init)};
  return last.context.get();
}

}  // namespace

bool wrap_key(std::span<const unsigned char> wrap_key, std::span<const unsigned char> from,
              std::span<unsigned char> to) {
  return key_wrap(Direction::wrap, wrap_key, from, to);
}

AgreementInfo agreement_info(Eui64 originator, Eui64 recipient) {
  return {std::string(uri::kKeyWrapAes256), octets_of(originator), octets_of(recipient)};
}

std::optional<Secret> agree(const PrivateKey& own, const PublicKey& peer) {
  if (own.type() != KeyType::p256 || peer.type() != KeyType::p256) return std::nullopt;
  const QuietErrors quiet;
  const Owned<evp_pkey_ctx_st> context(EVP_PKEY_CTX_new_from_pkey(nullptr, own.handle(), nullptr));
  Secret shared;
  std::size_t size = kSharedSecret;
  shared.resize(size);
  if (EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer(context.get(), peer.handle()) != 1 ||
      EVP_PKEY_derive(context.get(), shared.data(), &size) != 1 || size != kSharedSecret)
    return std::nullopt;
  return shared;
}

// One round of SHA-256 gives the 32 bytes that are needed.
Secret derive_wrap_key(const Secret& shared, const AgreementInfo& info) {
  static constexpr std::array<unsigned char, 4> kRound{0, 0, 0, 1};
  Sha256 sha;
  sha.update(kRound);
  sha.update(shared.bytes());
  sha.update(info.algorithm_id);
  sha.update(info.party_u);
  sha.update(info.party_v);
  Sha256Digest digest = sha.finish();
  Secret key(digest);
  cleanse(digest);
  return key;
}

std::optional<Secret> unwrap_key(std::span<const unsigned char> wrap_key,
                                 std::span<const unsigned char> wrapped) {
  // Two blocks and the check value at least.
  if (wrap_key.size() != kContentKeyBytes || wrapped.size() < 24 || wrapped.size() % 8 != 0 ||
      wrapped.size() > kMostWrapped)
    return std::nullopt;
  const QuietErrors quiet;
  Secret key;
  key.resize(wrapped.size() - 8);
  if (!key_wrap(Direction::unwrap, wrap_key, wrapped, {key.data(), key.size()}))
    return std::nullopt;
  return key;
}

Result<AgreedKey> wrap_by_agreement(const ContentKey& key, const PublicKey& recipient,
                                    const AgreementInfo& info) {
  if (recipient.type() != KeyType::p256)
    return tl::unexpected(usage_error("key agreement needs a recipient key on EC P-256"));
  const QuietErrors quiet;
  S1FLOW_TRY(const PrivateKey ephemeral, PrivateKey::generate(NewKey::p256));
  const auto point = ephemeral.public_key().p256_point();
  const auto shared = agree(ephemeral, recipient);
  AgreedKey agreed;
  if (!point || !shared ||
      !key_wrap(Direction::wrap, derive_wrap_key(*shared, info).bytes(), key.bytes(),
                agreed.wrapped))
    return tl::unexpected(internal_error("the library refused to agree on a key"));
  agreed.ephemeral = *point;
  return agreed;
}

std::optional<ReceivedKey> unwrap_by_agreement(std::span<const unsigned char> ephemeral,
                                               std::span<const unsigned char> wrapped,
                                               const PrivateKey& recipient,
                                               const AgreementInfo& info) {
  if (recipient.type() != KeyType::p256 || wrapped.size() != kWrappedKeyBytes) return std::nullopt;
  const auto peer = PublicKey::from_p256_point(ephemeral);
  if (!peer) return std::nullopt;
  const auto shared = agree(recipient, *peer);
  if (!shared) return std::nullopt;
  auto key = unwrap_key(derive_wrap_key(*shared, info).bytes(), wrapped);
  return key ? ReceivedKey::make(*std::move(key)) : std::nullopt;
}

Result<std::string> wrap_by_rsa(const ContentKey& key, const PublicKey& recipient,
                                OaepDigest digest) {
  if (recipient.type() != KeyType::rsa)
    return tl::unexpected(usage_error("RSA-OAEP needs an RSA recipient key"));
  const QuietErrors quiet;
  evp_pkey_ctx_st* const context = encrypting_context(recipient, digest);
  std::string out(recipient.bits() / 8, '\0');
  std::size_t size = out.size();
  if (context == nullptr || EVP_PKEY_encrypt(context, reinterpret_cast<unsigned char*>(out.data()),
                                             &size, key.bytes().data(), key.bytes().size()) != 1)
    return tl::unexpected(internal_error("the library refused to encrypt a key"));
  out.resize(size);
  return out;
}

std::optional<ReceivedKey> unwrap_by_rsa(std::span<const unsigned char> wrapped,
                                         const PrivateKey& recipient, OaepDigest digest) {
  if (recipient.type() != KeyType::rsa || wrapped.size() != recipient.public_key().bits() / 8)
    return std::nullopt;
  const QuietErrors quiet;
  const auto context = oaep_context(recipient.handle(), digest, &EVP_PKEY_decrypt_init);
  Secret key;
  key.resize(wrapped.size());
  std::size_t size = key.size();
  if (!context ||
      EVP_PKEY_decrypt(context.get(), key.data(), &size, wrapped.data(), wrapped.size()) != 1)
    return std::nullopt;
  key.resize(size);
  return ReceivedKey::make(std::move(key));
}

}  // namespace s1flow::codecs::crypto
