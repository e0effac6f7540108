#include "codecs/crypto/digest.h"

#include <openssl/evp.h>

#include "codecs/crypto/or_bad_alloc.h"
#include "core/check.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

// Fetching costs more than hashing a small message; the handles live as long as the program.
const EVP_MD* sha256() {
  static const EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return md;
}
const EVP_MD* sha1() {
  static const EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  return md;
}

}  // namespace

Sha256::Sha256() : context_(or_bad_alloc(EVP_MD_CTX_new())) {
  restart();
}

void Sha256::restart() {
  S1FLOW_CHECK(EVP_DigestInit_ex2(context_.get(), sha256(), nullptr) == 1);
}

void Sha256::update(std::span<const unsigned char> bytes) {
  S1FLOW_CHECK(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

void Sha256::update(std::string_view text) {
  update(as_bytes(text));
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest;
  S1FLOW_CHECK(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
  restart();
  return digest;
}

Sha256Digest sha256_of(std::span<const unsigned char> bytes) {
  Sha256Digest digest;
  S1FLOW_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, sha256(), nullptr) ==
               1);
  return digest;
}

Sha1Digest sha1_of(std::span<const unsigned char> bytes) {
  Sha1Digest digest;
  S1FLOW_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, sha1(), nullptr) ==
               1);
  return digest;
}

}  // namespace s1flow::codecs::crypto
