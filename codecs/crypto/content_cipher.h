#pragma once
// AES-256-GCM of single values, as XML Encryption 1.1 carries it: base64 of IV ‖ ciphertext ‖ tag
// with an IV of 12 and a tag of 16 bytes, no additional data.
//
// One content key encrypts all values of one file for one recipient. Its IVs are
//   4 random bytes of the key ‖ 7 bytes record ordinal ‖ 1 byte index of the value in its record
// (big-endian), so an IV cannot repeat under a key as long as records have different ordinals; no
// random number is drawn per value and there is no birthday bound. Only the maker of a key can seal
// under it: a key that came with a file is a ReceivedKey, which can only open.
//
// Keys are move-only and wiped. Sealers and openers hold a context: one per key and worker, reused.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codecs/crypto/openssl_owned.h"
#include "codecs/crypto/secret.h"
#include "core/result.h"

namespace s1flow::codecs::crypto {

inline constexpr std::size_t kContentKeyBytes = 32;

class ContentKey {
 public:
  [[nodiscard]] static Result<ContentKey> generate();

  [[nodiscard]] std::span<const unsigned char> bytes() const { return key_.bytes(); }
  [[nodiscard]] const std::array<unsigned char, 4>& iv_prefix() const { return iv_prefix_; }

 private:
  ContentKey() = default;
  Secret key_;
  std::array<unsigned char, 4> iv_prefix_{};
};

class ReceivedKey {
 public:
  // Nothing unless there are exactly 32 bytes.
  [[nodiscard]] static std::optional<ReceivedKey> make(Secret bytes);
  [[nodiscard]] std::span<const unsigned char> bytes() const { return key_.bytes(); }

 private:
  ReceivedKey() = default;
  Secret key_;
};

// Which value of a file: unique under one content key.
struct RecordShare {
  static constexpr std::uint64_t kMostOrdinal = (1ULL << 56) - 1;
  std::uint64_t ordinal = 0;  // of the record in its file
  std::uint8_t index = 0;     // of the value in its record
};

class ContentSealer {
 public:
  [[nodiscard]] static Result<ContentSealer> make(const ContentKey& key);

  // Appends the base64 text. The caller never gives one share twice for one key.
  [[nodiscard]] Status seal(RecordShare share, std::span<const unsigned char> plaintext,
                            std::string& out);

 private:
  ContentSealer(Owned<evp_cipher_ctx_st> context, const std::array<unsigned char, 4>& prefix);
  Owned<evp_cipher_ctx_st> context_;
  std::array<unsigned char, 4> iv_prefix_;
  std::string scratch_;  // IV, ciphertext and tag before base64
};

// The parts of a sealed value.
struct SealedParts {
  std::span<const unsigned char> iv, text, tag;
  std::span<const unsigned char> also_covered;  // by the tag; always empty in files
};

class ContentOpener {
 public:
  [[nodiscard]] static Result<ContentOpener> make(const ReceivedKey& key);

  // True when the tag holds; only then is there plaintext. False, with nothing in `plaintext`, for
  // every other reason alike: not base64, fewer than 28 bytes, wrong key, any bit changed.
  [[nodiscard]] bool open(std::string_view base64, Secret& plaintext);
  // The same, of a value that is in its parts already: 12 bytes of IV, 16 of tag, nothing else.
  [[nodiscard]] bool open(const SealedParts& sealed, Secret& plaintext);

 private:
  explicit ContentOpener(Owned<evp_cipher_ctx_st> context);
  Owned<evp_cipher_ctx_st> context_;
};

}  // namespace s1flow::codecs::crypto
