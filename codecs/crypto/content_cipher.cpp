#include "codecs/crypto/content_cipher.h"

#include <algorithm>
#include <utility>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "codecs/crypto/or_bad_alloc.h"
#include "core/check.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

constexpr std::size_t kIv = 12;
constexpr std::size_t kTag = 16;
constexpr std::size_t kMostPlaintext = 1UL << 30;  // the library counts in int

const EVP_CIPHER* aes_256_gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

Result<ContentKey> ContentKey::generate() {
  const QuietErrors quiet;
  ContentKey key;
  key.key_.resize(kContentKeyBytes);
  if (RAND_priv_bytes(key.key_.data(), static_cast<int>(kContentKeyBytes)) != 1 ||
      RAND_bytes(key.iv_prefix_.data(), static_cast<int>(key.iv_prefix_.size())) != 1)
    return tl::unexpected(Error(ErrorKind::io, "the machine gives no random numbers; try again"));
  return key;
}

std::optional<ReceivedKey> ReceivedKey::make(Secret bytes) {
  if (bytes.size() != kContentKeyBytes) return std::nullopt;
  ReceivedKey key;
  key.key_ = std::move(bytes);
  return key;
}

ContentSealer::ContentSealer(Owned<evp_cipher_ctx_st> context,
                             const std::array<unsigned char, 4>& prefix)
    : context_(std::move(context)), iv_prefix_(prefix) {}

Result<ContentSealer> ContentSealer::make(const ContentKey& key) {
  const QuietErrors quiet;
  Owned<evp_cipher_ctx_st> context(or_bad_alloc(EVP_CIPHER_CTX_new()));
  if (EVP_EncryptInit_ex2(context.get(), aes_256_gcm(), key.bytes().data(), nullptr, nullptr) != 1)
    return tl::unexpected(internal_error("the library offers no AES-256-GCM"));
  return ContentSealer(std::move(context), key.iv_prefix());
}

Status ContentSealer::seal(RecordShare share, std::span<const unsigned char> plaintext,
                           std::string& out) {
  S1FLOW_CHECK(share.ordinal <= RecordShare::kMostOrdinal);
  if (plaintext.size() > kMostPlaintext)
    return tl::unexpected(usage_error("a value to encrypt is larger than 1 GiB"));
  const QuietErrors quiet;
  scratch_.resize(kIv + plaintext.size() + kTag);
  unsigned char* const iv = bytes_of(scratch_);
  unsigned char* const text = iv + kIv;
  std::copy(iv_prefix_.begin(), iv_prefix_.end(), iv);
  for (std::size_t i = 0; i < 7; ++i)
    iv[4 + i] = static_cast<unsigned char>(share.ordinal >> (48 - 8 * i));
  iv[kIv - 1] = share.index;
  int done = 0;
  int rest = 0;
  EVP_CIPHER_CTX* context = context_.get();
  const bool sealed = EVP_EncryptInit_ex2(context, nullptr, nullptr, iv, nullptr) == 1 &&
                      EVP_EncryptUpdate(context, text, &done, plaintext.data(),
                                        static_cast<int>(plaintext.size())) == 1 &&
                      EVP_EncryptFinal_ex(context, text + done, &rest) == 1 &&
                      static_cast<std::size_t>(done) == plaintext.size() && rest == 0 &&
                      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTag),
                                          text + plaintext.size()) == 1;
  if (!sealed) return tl::unexpected(internal_error("the library refused to encrypt"));
  append_base64(out, as_bytes(scratch_));
  return {};
}

ContentOpener::ContentOpener(Owned<evp_cipher_ctx_st> context) : context_(std::move(context)) {}

Result<ContentOpener> ContentOpener::make(const ReceivedKey& key) {
  const QuietErrors quiet;
  Owned<evp_cipher_ctx_st> context(or_bad_alloc(EVP_CIPHER_CTX_new()));
  if (EVP_DecryptInit_ex2(context.get(), aes_256_gcm(), key.bytes().data(), nullptr, nullptr) != 1)
    return tl::unexpected(internal_error("the library offers no AES-256-GCM"));
  return ContentOpener(std::move(context));
}

bool ContentOpener::open(std::string_view base64, Secret& plaintext) {
  plaintext.clear();
  const auto sealed = decode_base64(base64);
  if (!sealed || sealed->size() < kIv + kTag) return false;
  const auto bytes = as_bytes(*sealed);
  return open({.iv = bytes.first(kIv),
               .text = bytes.subspan(kIv, bytes.size() - kIv - kTag),
               .tag = bytes.last(kTag),
               .also_covered = {}},
              plaintext);
}

bool ContentOpener::open(const SealedParts& sealed, Secret& plaintext) {
  plaintext.clear();
  if (sealed.iv.size() != kIv || sealed.tag.size() != kTag || sealed.text.size() > kMostPlaintext ||
      sealed.also_covered.size() > kMostPlaintext)
    return false;
  const QuietErrors quiet;
  EVP_CIPHER_CTX* context = context_.get();
  plaintext.resize(sealed.text.size());
  std::array<unsigned char, kTag> tag;  // the library takes no constant one
  std::copy(sealed.tag.begin(), sealed.tag.end(), tag.begin());
  int done = 0;
  int rest = 0;
  std::array<unsigned char, 16> none;  // GCM gives nothing more at the end
  // The tag is set before anything is decrypted and always with its full length: the library would
  // compare as few bytes as it is told.
  const bool opened =
      EVP_DecryptInit_ex2(context, nullptr, nullptr, sealed.iv.data(), nullptr) == 1 &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTag), tag.data()) ==
          1 &&
      (sealed.also_covered.empty() ||
       EVP_DecryptUpdate(context, nullptr, &done, sealed.also_covered.data(),
                         static_cast<int>(sealed.also_covered.size())) == 1) &&
      EVP_DecryptUpdate(context, plaintext.data(), &done, sealed.text.data(),
                        static_cast<int>(sealed.text.size())) == 1 &&
      EVP_DecryptFinal_ex(context, none.data(), &rest) == 1 && rest == 0 &&
      static_cast<std::size_t>(done) == sealed.text.size();
  if (!opened) plaintext.clear();
  return opened;
}

}  // namespace s1flow::codecs::crypto
