#include "codecs/crypto/key.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <utility>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "codecs/crypto/verification_table.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 8192;
constexpr const char* kP256 = "prime256v1";

KeyType type_of(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    const int bits = EVP_PKEY_get_bits(key);
    return bits >= kLeastRsaBits && bits <= kMostRsaBits ? KeyType::rsa : KeyType::none;
  }
  if (EVP_PKEY_is_a(key, "EC") != 1) return KeyType::none;
  // A curve has to be named (RFC 5480 2.1.1): parameters that look like P-256's may still differ.
  int is_explicit = 0;
  if (EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit) ==
          1 &&
      is_explicit != 0)
    return KeyType::none;
  std::array<char, 64> group{};
  std::size_t length = 0;
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) != 1) return KeyType::none;
  return std::string_view(group.data(), length) == kP256 ? KeyType::p256 : KeyType::none;
}

Error unsupported_key() {
  return usage_error("the key is neither EC P-256 nor RSA of 2048 to 8192 bits; use one of those");
}

// OpenSSL asks for a passphrase through this; without it, it would ask on the terminal.
int give_passphrase(char* to, int size, int, void* passphrase) {
  const auto* given = static_cast<const std::optional<std::string_view>*>(passphrase);
  if (!given->has_value() || (*given)->size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(to, (*given)->data(), (*given)->size());
  return static_cast<int>((*given)->size());
}

Owned<bio_st> reader_of(std::string_view pem) {
  return Owned<bio_st>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

constexpr std::size_t kPoint = 65;
constexpr std::size_t kScalar = 32;

// A key from its point and, unless empty, its private number. Null when the point is not on P-256.
Owned<evp_pkey_st> make_p256_key(std::span<const unsigned char> point,
                                 std::span<const unsigned char> scalar) {
  static const EVP_PKEY_CTX* const ec = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
  std::array<char, 16> group{};
  std::copy_n(kP256, std::strlen(kP256), group.begin());
  std::array<unsigned char, kPoint> point_bytes{};
  std::copy(point.begin(), point.end(), point_bytes.begin());
  // OpenSSL takes the number in the machine's byte order.
  static_assert(std::endian::native == std::endian::little);
  std::array<unsigned char, kScalar> number{};
  std::reverse_copy(scalar.begin(), scalar.end(), number.begin());
  std::array<OSSL_PARAM, 4> params{
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point_bytes.data(), kPoint),
      OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end()};
  if (!scalar.empty())
    params[2] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, number.data(), number.size());
  const Owned<evp_pkey_ctx_st> context(ec == nullptr ? nullptr : EVP_PKEY_CTX_dup(ec));
  EVP_PKEY* key = nullptr;
  if (context && EVP_PKEY_fromdata_init(context.get()) == 1)
    EVP_PKEY_fromdata(context.get(), &key, scalar.empty() ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR,
                      params.data());
  cleanse(number);
  return Owned<evp_pkey_st>(key);
}

// A public key alone, with a copy of one group for all: the library works a group out anew for each
// key that it makes from its name, which takes several times as long as the rest.
Owned<evp_pkey_st> make_p256_public(std::span<const unsigned char> point) {
  static const EVP_PKEY* const group = [] {
    std::array<char, 16> name{};
    std::copy_n(kP256, std::strlen(kP256), name.begin());
    std::array<OSSL_PARAM, 2> params{
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name.data(), 0),
        OSSL_PARAM_construct_end()};
    const Owned<evp_pkey_ctx_st> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* made = nullptr;
    if (context && EVP_PKEY_fromdata_init(context.get()) == 1)
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEY_PARAMETERS, params.data());
    return made;
  }();
  if (group == nullptr) return make_p256_key(point, {});
  Owned<evp_pkey_st> key(EVP_PKEY_new());
  if (!key || EVP_PKEY_copy_parameters(key.get(), group) != 1 ||
      EVP_PKEY_set1_encoded_public_key(key.get(), point.data(), point.size()) != 1)
    return nullptr;
  return key;
}

// The ECPrivateKey (RFC 5915) that every common tool puts into PKCS#8 for P-256: version 1, 32
// bytes, and the uncompressed point.
constexpr std::array<unsigned char, 7> kEcHead{0x30, 0x6B, 0x02, 0x01, 0x01, 0x04, 0x20};
constexpr std::array<unsigned char, 6> kEcMiddle{0xA1, 0x44, 0x03, 0x42, 0x00, 0x04};

// OpenSSL 3.0 takes half a millisecond to find the decoder of a private key, which is too long for
// a folder of a thousand. Null for every other kind of key: the general way reads those.
Owned<evp_pkey_st> read_usual_p256(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN PRIVATE KEY-----";
  const std::size_t begin = pem.find(kBegin);
  const std::size_t end = begin == std::string_view::npos
                              ? std::string_view::npos
                              : pem.find("-----END PRIVATE KEY-----", begin);
  if (end == std::string_view::npos) return nullptr;
  // Not by the library's PEM functions, which leave these bytes behind in freed memory.
  auto info_der = decode_base64(pem.substr(begin + kBegin.size(), end - begin - kBegin.size()));
  if (!info_der) return nullptr;
  const auto* at = reinterpret_cast<const unsigned char*>(info_der->data());
  PKCS8_PRIV_KEY_INFO* const info =
      d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(info_der->size()));
  cleanse({reinterpret_cast<unsigned char*>(info_der->data()), info_der->size()});
  if (info == nullptr) return nullptr;
  Owned<evp_pkey_st> key;
  const ASN1_OBJECT* algorithm = nullptr;
  const unsigned char* bytes = nullptr;
  int size = 0;
  const X509_ALGOR* parameters = nullptr;
  if (PKCS8_pkey_get0(&algorithm, &bytes, &size, &parameters, info) == 1 &&
      OBJ_obj2nid(algorithm) == NID_X9_62_id_ecPublicKey) {
    const void* curve = nullptr;
    int type = V_ASN1_UNDEF;
    X509_ALGOR_get0(nullptr, &type, &curve, parameters);
    const bool on_p256 =
        type == V_ASN1_OBJECT &&
        OBJ_obj2nid(static_cast<const ASN1_OBJECT*>(curve)) == NID_X9_62_prime256v1;
    const std::span<const unsigned char> der(bytes, static_cast<std::size_t>(size));
    constexpr std::size_t kMiddleAt = kEcHead.size() + kScalar;
    constexpr std::size_t kPointAt = kMiddleAt + kEcMiddle.size() - 1;
    if (on_p256 && der.size() == kPointAt + kPoint &&
        std::equal(kEcHead.begin(), kEcHead.end(), der.begin()) &&
        std::equal(kEcMiddle.begin(), kEcMiddle.end(), der.begin() + kMiddleAt))
      key = make_p256_key(der.subspan(kPointAt), der.subspan(kEcHead.size(), kScalar));
  }
  PKCS8_PRIV_KEY_INFO_free(info);  // wipes the key's bytes
  return key;
}

// Whether the two halves belong together. Of a key in a device the library holds a private half
// that is made up.
bool is_whole(BIO* pem) {
  const Owned<evp_pkey_st> key(PEM_read_bio_PrivateKey(pem, nullptr, nullptr, nullptr));
  if (!key) return false;
  const Owned<evp_pkey_ctx_st> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  return context && EVP_PKEY_pairwise_check(context.get()) == 1;
}

}  // namespace

// How often signatures of the key were checked, by whoever minds; shared by all copies of it.
struct PublicKey::Repeats {
  std::atomic<unsigned> checks{0};
  std::atomic<const VerificationTable*> ready{nullptr};
  std::unique_ptr<const VerificationTable> table;
};

const VerificationTable* PublicKey::table_if_often() const {
  // As many checks as a table costs.
  constexpr unsigned kOften = 500;
  if (!repeats_) return nullptr;
  if (const auto* ready = repeats_->ready.load(std::memory_order_acquire)) return ready;
  // One thread comes to this number, and works it out while the others go on without.
  if (repeats_->checks.fetch_add(1, std::memory_order_relaxed) + 1 != kOften) return nullptr;
  repeats_->table = VerificationTable::make(*this);
  repeats_->ready.store(repeats_->table.get(), std::memory_order_release);
  return repeats_->table.get();
}

std::optional<PublicKey> PublicKey::adopt(Owned<evp_pkey_st> key) {
  if (!key) return std::nullopt;
  const QuietErrors quiet;
  PublicKey result;
  result.type_ = type_of(key.get());
  if (result.type_ == KeyType::none) return std::nullopt;
  result.key_ = std::shared_ptr<evp_pkey_st>(key.release(), FreeOpenssl());
  if (result.type_ == KeyType::p256) result.repeats_ = std::make_shared<Repeats>();
  return result;
}

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
  const QuietErrors quiet;
  const auto bio = reader_of(pem);
  Owned<evp_pkey_st> key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  if (!key) return tl::unexpected(usage_error("holds no public key in PEM form"));
  auto result = adopt(std::move(key));
  if (!result) return tl::unexpected(unsupported_key());
  return *std::move(result);
}

std::optional<PublicKey> PublicKey::from_p256_point(std::span<const unsigned char> point) {
  if (point.size() != kPoint || point[0] != 4) return std::nullopt;
  const QuietErrors quiet;
  // Making it refuses coordinates that are out of range or off the curve. Infinity has no such
  // form, and every other point of the curve is of its prime order, so nothing is left to check (SP
  // 800-56A revision 3, 5.6.2.3.4).
  return adopt(make_p256_public(point));
}

unsigned PublicKey::bits() const {
  return key_ ? static_cast<unsigned>(EVP_PKEY_get_bits(key_.get())) : 0U;
}

std::optional<std::array<unsigned char, 65>> PublicKey::p256_point() const {
  if (type_ != KeyType::p256) return std::nullopt;
  const QuietErrors quiet;
  std::array<unsigned char, kPoint> point{};
  std::size_t length = 0;
  // A key that was read from a certificate keeps the form that it was written in.
  if (EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                      point.size(), &length) == 1 &&
      length == point.size() && point[0] == 4)
    return point;
  BIGNUM* x = nullptr;
  BIGNUM* y = nullptr;
  const bool got = EVP_PKEY_get_bn_param(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
                   EVP_PKEY_get_bn_param(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1;
  const Owned<bignum_st> own_x(x);
  const Owned<bignum_st> own_y(y);
  if (!got || BN_bn2binpad(x, point.data() + 1, 32) != 32 ||
      BN_bn2binpad(y, point.data() + 33, 32) != 32)
    return std::nullopt;
  point[0] = 4;
  return point;
}

std::string PublicKey::to_pem() const {
  const Owned<bio_st> bio(BIO_new(BIO_s_mem()));
  if (!key_ || PEM_write_bio_PUBKEY(bio.get(), key_.get()) != 1) return {};
  const char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

bool operator==(const PublicKey& a, const PublicKey& b) {
  if (a.key_ == b.key_) return true;
  return a.key_ && b.key_ && EVP_PKEY_eq(a.key_.get(), b.key_.get()) == 1;
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem,
                                        std::optional<std::string_view> passphrase) {
  const QuietErrors quiet;
  Owned<evp_pkey_st> key = read_usual_p256(pem);
  if (!key) {
    const auto bio = reader_of(pem);
    key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, &give_passphrase, &passphrase));
  }
  if (!key) {
    const bool encrypted = pem.find("ENCRYPTED") != std::string_view::npos;
    if (encrypted && !passphrase)
      return tl::unexpected(usage_error("the private key is encrypted; give its passphrase"));
    return tl::unexpected(usage_error(encrypted
                                          ? "the private key cannot be read; check the passphrase"
                                          : "holds no private key in PEM form"));
  }
  // A file whose public half belongs to another key would make signatures that nobody can check.
  if (EVP_PKEY_is_a(key.get(), "EC") == 1) {
    const Owned<evp_pkey_ctx_st> check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    if (!check || EVP_PKEY_pairwise_check(check.get()) != 1)
      return tl::unexpected(usage_error("the halves of the private key do not belong together"));
  }
  auto adopted = adopt(std::move(key));
  if (!adopted) return tl::unexpected(unsupported_key());
  return *std::move(adopted);
}

std::optional<PrivateKey> PrivateKey::adopt(Owned<evp_pkey_st> key) {
  auto adopted = PublicKey::adopt(std::move(key));
  if (!adopted) return std::nullopt;
  PrivateKey result;
  result.public_ = *std::move(adopted);
  return result;
}

Result<PrivateKey> PrivateKey::generate(NewKey kind) {
  const QuietErrors quiet;
  Owned<evp_pkey_st> key;
  if (kind == NewKey::p256)
    key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kP256));
  else
    key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA",
                                static_cast<std::size_t>(kind == NewKey::rsa2048 ? 2048 : 3072)));
  auto adopted = adopt(std::move(key));
  if (!adopted) return tl::unexpected(internal_error("the library made no key"));
  return *std::move(adopted);
}

Result<Secret> PrivateKey::to_pem() const {
  const QuietErrors quiet;
  // The memory of this kind of BIO is wiped when it is freed.
  const Owned<bio_st> bio(BIO_new(BIO_s_secmem()));
  if (!handle() || PEM_write_bio_PKCS8PrivateKey(bio.get(), handle(), nullptr, nullptr, 0, nullptr,
                                                 nullptr) != 1)
    return tl::unexpected(internal_error("the private key cannot be written"));
  const char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  Secret pem(as_bytes({text, static_cast<std::size_t>(size)}));
  if (!is_whole(bio.get()))
    return tl::unexpected(usage_error("the private key stays in its device"));
  return pem;
}

}  // namespace s1flow::codecs::crypto
