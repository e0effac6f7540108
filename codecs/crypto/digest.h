#pragma once
// SHA-256 as a stream, for the bytes under a signature, and SHA-1 of small data, which exists only
// because DUIS names replaced certificates by that hash (type sr:SHA1); nothing is trusted by it.
//
// A Sha256 is kept per worker and reused; not thread-safe. Nothing fails: memory running out ends
// the program, as it does for any container.

#include <array>
#include <span>
#include <string_view>

#include "codecs/crypto/openssl_owned.h"

namespace s1flow::codecs::crypto {

using Sha256Digest = std::array<unsigned char, 32>;
using Sha1Digest = std::array<unsigned char, 20>;

class Sha256 {
 public:
  Sha256();

  void update(std::span<const unsigned char> bytes);
  void update(std::string_view text);
  // The digest of everything since construction or the last finish(); then starts anew.
  [[nodiscard]] Sha256Digest finish();
  // Forgets what was taken in.
  void restart();

 private:
  Owned<evp_md_ctx_st> context_;
};

// A digest begun, as a value: copying it is copying 112 bytes, so that text which many messages
// begin with is digested once.
class Sha256State {
 public:
  Sha256State();
  void update(std::string_view text);
  // The digest of everything so far; the state itself is used up.
  [[nodiscard]] Sha256Digest finish();

 private:
  alignas(8) std::array<unsigned char, 112> state_;
};

[[nodiscard]] Sha256Digest sha256_of(std::span<const unsigned char> bytes);
[[nodiscard]] Sha1Digest sha1_of(std::span<const unsigned char> bytes);

}  // namespace s1flow::codecs::crypto
