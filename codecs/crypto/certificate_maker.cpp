#include "codecs/crypto/certificate_maker.h"

#include <algorithm>
#include <array>
#include <memory>

#include <openssl/asn1.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "codecs/crypto/or_bad_alloc.h"
#include "codecs/crypto/x509_parts.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

constexpr int kX509v3 = 2;  // the encoded version number counts from 0

// Owns an object that has its own free function.
template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* p) const {
    Free(p);
  }
};
template <typename T, auto Free>
using With = std::unique_ptr<T, Freed<Free>>;

// 0100 and the low 60 bits of SHA-1 of the public key: method 2 of RFC 5280 4.2.1.2, 8 octets.
std::array<unsigned char, 8> short_key_id(const X509* x509) {
  const ASN1_BIT_STRING* bits = X509_get0_pubkey_bitstr(x509);
  const Sha1Digest sha1 =
      sha1_of({ASN1_STRING_get0_data(bits), static_cast<std::size_t>(ASN1_STRING_length(bits))});
  std::array<unsigned char, 8> id;
  std::copy(sha1.end() - 8, sha1.end(), id.begin());
  id[0] = static_cast<unsigned char>(0x40 | (id[0] & 0x0F));
  return id;
}

bool set_serial(X509* x509, const CertificateSerial& serial) {
  const auto number = asn1_of(serial);
  return number && X509_set_serialNumber(x509, number.get()) == 1;
}

bool set_time(ASN1_TIME* to, UtcTime time) {
  return ASN1_TIME_set(to, static_cast<time_t>(time.milliseconds_since_epoch() / 1000)) != nullptr;
}

bool add_text(X509_NAME* name, int nid, std::string_view text) {
  return X509_NAME_add_entry_by_NID(name, nid, V_ASN1_UTF8STRING, as_bytes(text).data(),
                                    static_cast<int>(text.size()), -1, 0) == 1;
}

bool add_eui(X509_NAME* name, Eui64 eui) {
  std::array<unsigned char, 8> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<unsigned char>(eui.value() >> (56 - 8 * i));
  const With<X509_NAME_ENTRY, X509_NAME_ENTRY_free> entry(
      X509_NAME_ENTRY_create_by_NID(nullptr, NID_x500UniqueIdentifier, V_ASN1_BIT_STRING,
                                    bytes.data(), static_cast<int>(bytes.size())));
  if (!entry) return false;
  // Otherwise zero bits at the end are cut off whenever it is encoded, also by the copy below.
  ASN1_STRING* value = X509_NAME_ENTRY_get_data(entry.get());
  value->flags = (value->flags & ~0x07L) | ASN1_STRING_FLAG_BITS_LEFT;
  return X509_NAME_add_entry(name, entry.get(), -1, 0) == 1;
}

bool set_subject(X509* x509, const CertificateRequest& request) {
  std::string unit;
  const auto code = static_cast<unsigned char>(request.role_code);
  append_hex(unit, {&code, 1});
  X509_NAME* name = X509_get_subject_name(x509);
  return add_text(name, NID_organizationalUnitName, unit) &&
         (request.common_name.empty() || add_text(name, NID_commonName, request.common_name)) &&
         (!request.eui || add_eui(name, *request.eui));
}

bool add_extension(X509* x509, int nid, void* value, bool critical) {
  return value != nullptr && X509_add1_ext_i2d(x509, nid, value, critical ? 1 : 0, 0) == 1;
}

bool add_key_usage(X509* x509, const KeyUsage& usage) {
  const With<ASN1_BIT_STRING, ASN1_BIT_STRING_free> bits(or_bad_alloc(ASN1_BIT_STRING_new()));
  ASN1_BIT_STRING_set_bit(bits.get(), 0, usage.digital_signature ? 1 : 0);
  ASN1_BIT_STRING_set_bit(bits.get(), 2, usage.key_encipherment ? 1 : 0);
  ASN1_BIT_STRING_set_bit(bits.get(), 4, usage.key_agreement ? 1 : 0);
  ASN1_BIT_STRING_set_bit(bits.get(), 5, usage.certificate_signing ? 1 : 0);
  ASN1_BIT_STRING_set_bit(bits.get(), 6, usage.certificate_signing ? 1 : 0);  // cRLSign
  return add_extension(x509, NID_key_usage, bits.get(), true);
}

bool add_policy(X509* x509) {
  const With<CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free> policies(
      or_bad_alloc(CERTIFICATEPOLICIES_new()));
  POLICYINFO* policy = or_bad_alloc(POLICYINFO_new());
  policy->policyid = OBJ_txt2obj(kTestPolicyOid, 1);
  sk_POLICYINFO_push(policies.get(), policy);
  return add_extension(x509, NID_certificate_policies, policies.get(), true);
}

bool add_key_ids(X509* x509, const X509* issuer) {
  const auto own = short_key_id(x509);
  const With<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> subject(
      or_bad_alloc(ASN1_OCTET_STRING_new()));
  ASN1_OCTET_STRING_set(subject.get(), own.data(), static_cast<int>(own.size()));
  const auto above = short_key_id(issuer);
  const With<AUTHORITY_KEYID, AUTHORITY_KEYID_free> authority(or_bad_alloc(AUTHORITY_KEYID_new()));
  authority->keyid = or_bad_alloc(ASN1_OCTET_STRING_new());
  ASN1_OCTET_STRING_set(authority->keyid, above.data(), static_cast<int>(above.size()));
  return add_extension(x509, NID_subject_key_identifier, subject.get(), false) &&
         add_extension(x509, NID_authority_key_identifier, authority.get(), false);
}

bool add_names(X509* x509, const CertificateRequest& request) {
  if (!request.on_loopback) return true;
  constexpr std::array<unsigned char, 4> kV4{127, 0, 0, 1};
  constexpr std::array<unsigned char, 16> kV6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  constexpr std::string_view kHost = "localhost";
  const With<GENERAL_NAMES, GENERAL_NAMES_free> names(or_bad_alloc(GENERAL_NAMES_new()));
  const auto add = [&](int type, ASN1_STRING* value, const unsigned char* bytes, std::size_t size) {
    GENERAL_NAME* name = or_bad_alloc(GENERAL_NAME_new());
    ASN1_STRING_set(value, bytes, static_cast<int>(size));
    GENERAL_NAME_set0_value(name, type, value);
    sk_GENERAL_NAME_push(names.get(), name);
  };
  add(GEN_IPADD, or_bad_alloc(ASN1_OCTET_STRING_new()), kV4.data(), kV4.size());
  add(GEN_IPADD, or_bad_alloc(ASN1_OCTET_STRING_new()), kV6.data(), kV6.size());
  add(GEN_DNS, or_bad_alloc(ASN1_IA5STRING_new()), as_bytes(kHost).data(), kHost.size());
  return add_extension(x509, NID_subject_alt_name, names.get(), false);
}

bool add_constraints(X509* x509, const CertificateRequest& request) {
  if (!request.is_authority) return true;
  const With<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free> constraints(
      or_bad_alloc(BASIC_CONSTRAINTS_new()));
  constraints->ca = 1;
  if (request.path_length >= 0) {
    constraints->pathlen = or_bad_alloc(ASN1_INTEGER_new());
    ASN1_INTEGER_set(constraints->pathlen, request.path_length);
  }
  return add_extension(x509, NID_basic_constraints, constraints.get(), true);
}

}  // namespace

Result<Certificate> make_certificate(const CertificateRequest& request, const PublicKey& key,
                                     const Certificate& issuer, const PrivateKey& issuer_key) {
  const QuietErrors quiet;
  const Owned<x509_st> owned(or_bad_alloc(X509_new()));
  X509* x509 = owned.get();
  const X509* above = issuer.empty() ? x509 : issuer.handle();
  const bool made =
      X509_set_version(x509, kX509v3) == 1 && set_serial(x509, request.serial) &&
      set_time(X509_getm_notBefore(x509), request.valid_from) &&
      set_time(X509_getm_notAfter(x509), request.valid_until) && set_subject(x509, request) &&
      X509_set_issuer_name(x509, X509_get_subject_name(above)) == 1 &&
      X509_set_pubkey(x509, key.handle()) == 1 && add_constraints(x509, request) &&
      add_key_usage(x509, request.usage) && add_policy(x509) && add_key_ids(x509, above) &&
      add_names(x509, request) && X509_sign(x509, issuer_key.handle(), EVP_sha256()) > 0;
  unsigned char* der = nullptr;
  const int size = made ? i2d_X509(x509, &der) : 0;
  if (size <= 0) return tl::unexpected(internal_error("the library made no certificate"));
  auto certificate = Certificate::from_der({der, static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return certificate;
}

}  // namespace s1flow::codecs::crypto
