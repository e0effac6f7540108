#include "codecs/crypto/certificate.h"

#include <mutex>
#include <utility>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "codecs/crypto/or_bad_alloc.h"
#include "codecs/crypto/x509_parts.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {

struct Certificate::Detail {
  // OpenSSL's own object, made when first asked for.
  mutable std::once_flag x509_made;
  mutable Owned<x509_st> x509;
  DistinguishedName issuer;
  DistinguishedName subject;
  CertificateSerial serial;
  std::optional<Eui64> eui;
  std::optional<unsigned> role_code;
  KeyUsage usage;
  UtcTime valid_from;
  UtcTime valid_until;
  PublicKey key;
  std::string der;
  Sha1Digest sha1{};
};

namespace {

// The only entry of a kind, or null.
const ASN1_STRING* only_entry(const X509_NAME* name, int nid) {
  const int first = X509_NAME_get_index_by_NID(name, nid, -1);
  if (first < 0 || X509_NAME_get_index_by_NID(name, nid, first) >= 0) return nullptr;
  return X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, first));
}

std::optional<Eui64> eui_of(const X509_NAME* subject) {
  const ASN1_STRING* id = only_entry(subject, NID_x500UniqueIdentifier);
  // The low bits of the flags say how many bits of the last byte are unused.
  if (id == nullptr || ASN1_STRING_type(id) != V_ASN1_BIT_STRING || ASN1_STRING_length(id) != 8 ||
      (id->flags & 7) != 0)
    return std::nullopt;
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | ASN1_STRING_get0_data(id)[i];
  return Eui64(value);
}

std::optional<unsigned> role_code_of(const X509_NAME* subject) {
  const ASN1_STRING* unit = only_entry(subject, NID_organizationalUnitName);
  if (unit == nullptr || ASN1_STRING_length(unit) != 2) return std::nullopt;
  const unsigned char* text = ASN1_STRING_get0_data(unit);
  const int high = hex_value(static_cast<char>(text[0]));
  const int low = hex_value(static_cast<char>(text[1]));
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<unsigned>(high * 16 + low);
}

KeyUsage usage_of(X509* x509) {
  KeyUsage usage;
  if ((X509_get_extension_flags(x509) & EXFLAG_KUSAGE) == 0) return usage;
  const std::uint32_t bits = X509_get_key_usage(x509);
  usage.digital_signature = (bits & X509v3_KU_DIGITAL_SIGNATURE) != 0;
  usage.key_agreement = (bits & X509v3_KU_KEY_AGREEMENT) != 0;
  usage.key_encipherment = (bits & X509v3_KU_KEY_ENCIPHERMENT) != 0;
  usage.certificate_signing = (bits & X509v3_KU_KEY_CERT_SIGN) != 0;
  return usage;
}

// OpenSSL 3.0 decodes the key of every certificate that it reads, and looks for a decoder for half
// a millisecond each time. Where there is no provider it leaves the key alone.
OSSL_LIB_CTX* without_providers() {
  static OSSL_LIB_CTX* const context = [] {
    OSSL_LIB_CTX* made = or_bad_alloc(OSSL_LIB_CTX_new());
    (void)or_bad_alloc(OSSL_PROVIDER_load(made, "null"));
    return made;
  }();
  return context;
}

// All of a certificate but its key.
Owned<x509_st> read_but_the_key(std::span<const unsigned char> der) {
  const unsigned char* at = der.data();
  Owned<x509_st> x509(reinterpret_cast<X509*>(
      ASN1_item_d2i_ex(nullptr, &at, static_cast<long>(der.size()), ASN1_ITEM_rptr(X509),
                       without_providers(), nullptr)));
  return at == der.data() + der.size() ? std::move(x509) : nullptr;
}

Owned<x509_st> read_whole(std::span<const unsigned char> der) {
  const unsigned char* at = der.data();
  return Owned<x509_st>(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

// The point of a key on P-256 in the form that everybody writes; empty for every other key.
std::span<const unsigned char> usual_point_of(X509* x509) {
  ASN1_OBJECT* algorithm = nullptr;
  const unsigned char* bytes = nullptr;
  int size = 0;
  X509_ALGOR* parameters = nullptr;
  if (X509_PUBKEY_get0_param(&algorithm, &bytes, &size, &parameters, X509_get_X509_PUBKEY(x509)) !=
          1 ||
      OBJ_obj2nid(algorithm) != NID_X9_62_id_ecPublicKey)
    return {};
  const void* curve = nullptr;
  int type = V_ASN1_UNDEF;
  X509_ALGOR_get0(nullptr, &type, &curve, parameters);
  if (type != V_ASN1_OBJECT ||
      OBJ_obj2nid(static_cast<const ASN1_OBJECT*>(curve)) != NID_X9_62_prime256v1)
    return {};
  return {bytes, static_cast<std::size_t>(size)};
}

std::optional<PublicKey> key_of(X509* x509, std::span<const unsigned char> der) {
  if (auto key = PublicKey::from_p256_point(usual_point_of(x509))) return key;
  const Owned<x509_st> whole = read_whole(der);
  return PublicKey::adopt(Owned<evp_pkey_st>(whole ? X509_get_pubkey(whole.get()) : nullptr));
}

}  // namespace

Result<Certificate> Certificate::from_der(std::span<const unsigned char> der) {
  const QuietErrors quiet;
  const Owned<x509_st> parts = read_but_the_key(der);
  X509* const x509 = parts.get();
  if (x509 == nullptr) return tl::unexpected(usage_error("is no X.509 certificate"));
  if ((X509_get_extension_flags(x509) & EXFLAG_INVALID) != 0)
    return tl::unexpected(usage_error("the certificate has damaged extensions"));

  const auto serial = serial_of(X509_get0_serialNumber(x509));
  if (!serial)
    return tl::unexpected(
        usage_error("the certificate's serial number is not positive or has more than 128 bits"));
  const auto from = time_of(X509_get0_notBefore(x509));
  const auto until = time_of(X509_get0_notAfter(x509));
  if (!from || !until)
    return tl::unexpected(usage_error("the certificate's validity period cannot be read"));
  auto key = key_of(x509, der);
  if (!key)
    return tl::unexpected(
        usage_error("the certificate's key is neither EC P-256 nor RSA of 2048 to 8192 bits"));

  auto detail = std::make_shared<Detail>();
  detail->serial = *serial;
  detail->valid_from = *from;
  detail->valid_until = *until;
  detail->key = *std::move(key);
  detail->issuer = name_of(X509_get_issuer_name(x509));
  detail->subject = name_of(X509_get_subject_name(x509));
  detail->eui = eui_of(X509_get_subject_name(x509));
  detail->role_code = role_code_of(X509_get_subject_name(x509));
  detail->usage = usage_of(x509);
  detail->der = as_text(der);
  detail->sha1 = sha1_of(der);
  Certificate certificate;
  certificate.detail_ = std::move(detail);
  return certificate;
}

Result<Certificate> Certificate::from_pem(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
  const std::size_t begin = pem.find(kBegin);
  const std::size_t end = begin == std::string_view::npos ? begin : pem.find(kEnd, begin);
  if (end == std::string_view::npos)
    return tl::unexpected(usage_error("holds no certificate in PEM form"));
  if (pem.find(kBegin, begin + 1) != std::string_view::npos)
    return tl::unexpected(usage_error("holds more than one certificate; give each its own file"));
  const auto der = decode_base64(pem.substr(begin + kBegin.size(), end - begin - kBegin.size()));
  if (!der) return tl::unexpected(usage_error("the certificate's base64 is damaged"));
  return from_der(as_bytes(*der));
}

const DistinguishedName& Certificate::issuer() const {
  return detail_->issuer;
}
const DistinguishedName& Certificate::subject() const {
  return detail_->subject;
}
const CertificateSerial& Certificate::serial() const {
  return detail_->serial;
}
std::optional<Eui64> Certificate::eui() const {
  return detail_->eui;
}
std::optional<unsigned> Certificate::role_code() const {
  return detail_->role_code;
}
const KeyUsage& Certificate::key_usage() const {
  return detail_->usage;
}
UtcTime Certificate::valid_from() const {
  return detail_->valid_from;
}
UtcTime Certificate::valid_until() const {
  return detail_->valid_until;
}
const PublicKey& Certificate::public_key() const {
  return detail_->key;
}
std::span<const unsigned char> Certificate::der() const {
  return as_bytes(detail_->der);
}
const Sha1Digest& Certificate::sha1() const {
  return detail_->sha1;
}
x509_st* Certificate::handle() const {
  std::call_once(detail_->x509_made, [this] {
    const QuietErrors quiet;
    detail_->x509.reset(or_bad_alloc(read_whole(der()).release()));
  });
  return detail_->x509.get();
}

std::string Certificate::to_pem() const {
  std::string base64;
  append_base64(base64, der());
  std::string pem = "-----BEGIN CERTIFICATE-----\n";
  for (std::size_t i = 0; i < base64.size(); i += 64) {
    pem.append(base64, i, 64);
    pem += '\n';
  }
  pem += "-----END CERTIFICATE-----\n";
  return pem;
}

}  // namespace s1flow::codecs::crypto
