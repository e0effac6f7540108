// Sha256State of codecs/crypto/digest.h, on OpenSSL's low-level functions: EVP has no cheap copy of
// a digest that was begun (it allocates one), and a request's digest takes less time than that.
#define OPENSSL_SUPPRESS_DEPRECATED  // they are no worse for being low-level

#include <cstring>

#include <openssl/sha.h>

#include "codecs/crypto/digest.h"
#include "core/check.h"

namespace s1flow::codecs::crypto {
namespace {

// Never refers to itself, so it may be copied as bytes.
static_assert(sizeof(SHA256_CTX) == 112 && alignof(SHA256_CTX) <= 8);

template <typename Use>
void with_state(std::array<unsigned char, 112>& bytes, Use use) {
  SHA256_CTX context;
  std::memcpy(&context, bytes.data(), sizeof context);
  S1FLOW_CHECK(use(context) == 1);
  std::memcpy(bytes.data(), &context, sizeof context);
}

}  // namespace

Sha256State::Sha256State() : state_() {
  with_state(state_, [](SHA256_CTX& c) { return SHA256_Init(&c); });
}

void Sha256State::update(std::string_view text) {
  with_state(state_, [&](SHA256_CTX& c) { return SHA256_Update(&c, text.data(), text.size()); });
}

Sha256Digest Sha256State::finish() {
  Sha256Digest digest;
  with_state(state_, [&](SHA256_CTX& c) { return SHA256_Final(digest.data(), &c); });
  return digest;
}

}  // namespace s1flow::codecs::crypto
