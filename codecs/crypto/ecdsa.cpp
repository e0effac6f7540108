// Signer and Verifier of codecs/crypto/key.h.

#include <algorithm>
#include <optional>
#include <utility>

#include <openssl/evp.h>

#include "codecs/crypto/key.h"
#include "codecs/crypto/verification_table.h"

namespace s1flow::codecs::crypto {
namespace {

constexpr std::size_t kHalf = 32;
using Half = std::span<const unsigned char, kHalf>;

// Order of the group of P-256 (SEC 2, secp256r1).
constexpr std::array<unsigned char, kHalf> kOrder{
    0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
    0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51};

bool in_range(Half value) {
  const bool zero = std::all_of(value.begin(), value.end(), [](unsigned char b) { return b == 0; });
  return !zero &&
         std::lexicographical_compare(value.begin(), value.end(), kOrder.begin(), kOrder.end());
}

// SEQUENCE of two INTEGERs: at most 2 + 2 * (2 + 33) bytes.
struct DerSignature {
  std::array<unsigned char, 72> bytes{};
  std::size_t size = 0;

  void append_integer(Half value) {
    auto first =
        std::find_if(value.begin(), value.end() - 1, [](unsigned char b) { return b != 0; });
    const auto count = static_cast<std::size_t>(value.end() - first);
    const bool pad = (*first & 0x80) != 0;
    bytes[size++] = 0x02;
    bytes[size++] = static_cast<unsigned char>(count + (pad ? 1 : 0));
    if (pad) bytes[size++] = 0;
    std::copy(first, value.end(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    size += count;
  }

  DerSignature(Half r, Half s) {
    size = 2;
    append_integer(r);
    append_integer(s);
    bytes[0] = 0x30;
    bytes[1] = static_cast<unsigned char>(size - 2);
  }
};

// One INTEGER of a DER signature, right-aligned into `to`; the rest of the bytes, or nothing when
// it is malformed. Reading it here saves the library's two big numbers per signature.
std::optional<std::span<const unsigned char>> read_integer(std::span<const unsigned char> der,
                                                           std::span<unsigned char, kHalf> to) {
  if (der.size() < 2 || der[0] != 0x02 || der[1] > der.size() - 2) return std::nullopt;
  auto value = der.subspan(2, der[1]);
  const auto rest = der.subspan(2 + value.size());
  while (value.size() > 1 && value[0] == 0) value = value.subspan(1);
  if (value.empty() || value.size() > kHalf) return std::nullopt;
  const auto gap = static_cast<std::ptrdiff_t>(kHalf - value.size());
  std::fill(to.begin(), to.begin() + gap, static_cast<unsigned char>(0));
  std::copy(value.begin(), value.end(), to.begin() + gap);
  return rest;
}

bool read_signature(std::span<const unsigned char> der, EcdsaSignature& out) {
  if (der.size() < 2 || der[0] != 0x30 || der[1] != der.size() - 2) return false;
  const std::span<unsigned char, 2 * kHalf> halves(out);
  const auto rest = read_integer(der.subspan(2), halves.first<kHalf>());
  if (!rest) return false;
  const auto end = read_integer(*rest, halves.last<kHalf>());
  return end && end->empty();
}

Owned<evp_pkey_ctx_st> make_context(const PublicKey& key, int (*init)(EVP_PKEY_CTX*)) {
  Owned<evp_pkey_ctx_st> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.handle(), nullptr));
  if (!context || init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) != 1)
    return nullptr;
  return context;
}

}  // namespace

Signer::Signer(PrivateKey key, Owned<evp_pkey_ctx_st> context)
    : key_(std::move(key)), context_(std::move(context)) {}

Result<Signer> Signer::make(const PrivateKey& key) {
  if (key.type() != KeyType::p256)
    return tl::unexpected(usage_error("a signing key must be EC P-256; give another key"));
  const QuietErrors quiet;
  auto context = make_context(key.public_key(), &EVP_PKEY_sign_init);
  if (!context) return tl::unexpected(internal_error("the library cannot sign with this key"));
  return Signer(key, std::move(context));
}

Result<EcdsaSignature> Signer::sign(std::span<const unsigned char> message) {
  sha_.update(message);
  return sign_digest(sha_.finish());
}

Result<EcdsaSignature> Signer::sign_digest(const Sha256Digest& digest) {
  const QuietErrors quiet;
  std::array<unsigned char, 72> der;
  std::size_t size = der.size();
  if (EVP_PKEY_sign(context_.get(), der.data(), &size, digest.data(), digest.size()) != 1)
    return tl::unexpected(internal_error("the library refused to sign"));
  EcdsaSignature signature;
  // The library calls a signature made for whose encoding it had no memory, of size -1.
  if (size > der.size() || !read_signature(std::span(der).first(size), signature))
    return tl::unexpected(internal_error("the library made no usable signature"));
  return signature;
}

bool Verifier::verify(const PublicKey& key, std::span<const unsigned char> message,
                      std::span<const unsigned char> signature) {
  sha_.update(message);
  return verify_digest(key, sha_.finish(), signature);
}

bool Verifier::verify_digest(const PublicKey& key, const Sha256Digest& digest,
                             std::span<const unsigned char> signature) {
  if (key.type() != KeyType::p256 || signature.size() != 2 * kHalf) return false;
  const Half r = signature.first<kHalf>();
  const Half s = signature.last<kHalf>();
  if (!in_range(r) || !in_range(s)) return false;
  if (tables_ == Tables::where_they_pay)
    if (const VerificationTable* const table = key.table_if_often())
      if (const auto holds = table->holds(digest, r, s)) return *holds;
  const QuietErrors quiet;
  if (key_.handle() != key.handle()) {
    context_ = make_context(key, &EVP_PKEY_verify_init);
    key_ = context_ ? key : PublicKey();
    if (!context_) return false;
  }
  const DerSignature der(r, s);
  return EVP_PKEY_verify(context_.get(), der.bytes.data(), der.size, digest.data(),
                         digest.size()) == 1;
}

}  // namespace s1flow::codecs::crypto
