#include "codecs/crypto/revocation_list.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include <openssl/asn1.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "codecs/crypto/or_bad_alloc.h"
#include "codecs/crypto/x509_parts.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

struct FreeList {
  void operator()(X509_CRL* p) const noexcept { X509_CRL_free(p); }
};
using OwnedList = std::unique_ptr<X509_CRL, FreeList>;

constexpr std::string_view kBegin = "-----BEGIN X509 CRL-----";
constexpr std::string_view kEnd = "-----END X509 CRL-----";

Result<std::string> der_of(std::string_view bytes) {
  const std::size_t begin = bytes.find(kBegin);
  if (begin == std::string_view::npos) return std::string(bytes);
  const std::size_t end = bytes.find(kEnd, begin);
  if (end == std::string_view::npos || bytes.find(kBegin, begin + 1) != std::string_view::npos)
    return tl::unexpected(usage_error("does not hold exactly one revocation list"));
  auto der = decode_base64(bytes.substr(begin + kBegin.size(), end - begin - kBegin.size()));
  if (!der) return tl::unexpected(usage_error("the revocation list's base64 is damaged"));
  return *std::move(der);
}

// What a plain list may carry: an authority key identifier and a number.
bool only_known_extensions(const X509_CRL* list) {
  for (int i = 0; i < X509_CRL_get_ext_count(list); ++i) {
    X509_EXTENSION* e = X509_CRL_get_ext(list, i);
    const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(e));
    if (nid == NID_delta_crl || nid == NID_issuing_distribution_point ||
        X509_EXTENSION_get_critical(e) != 0)
      return false;
  }
  return true;
}
bool only_known_extensions(const X509_REVOKED* entry) {
  for (int i = 0; i < X509_REVOKED_get_ext_count(entry); ++i) {
    X509_EXTENSION* e = X509_REVOKED_get_ext(entry, i);
    if (OBJ_obj2nid(X509_EXTENSION_get_object(e)) == NID_certificate_issuer ||
        X509_EXTENSION_get_critical(e) != 0)
      return false;
  }
  return true;
}

}  // namespace

struct RevocationList::Detail {
  OwnedList list;
  DistinguishedName issuer;
  UtcTime this_update, next_update;
  std::vector<RevokedCertificate> revoked;  // by serial
};

Result<RevocationList> RevocationList::from_bytes(std::string_view bytes) {
  const QuietErrors quiet;
  S1FLOW_TRY(const std::string der, der_of(bytes));
  auto detail = std::make_shared<Detail>();
  const unsigned char* at = as_bytes(der).data();
  detail->list.reset(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  X509_CRL* list = detail->list.get();
  if (list == nullptr || at != as_bytes(der).data() + der.size())
    return tl::unexpected(usage_error("is no revocation list"));
  if (!only_known_extensions(list))
    return tl::unexpected(usage_error(
        "is a delta, an indirect list, or one with critical extensions; give the whole list"));
  const auto this_update = time_of(X509_CRL_get0_lastUpdate(list));
  const ASN1_TIME* next = X509_CRL_get0_nextUpdate(list);
  const auto next_update = next == nullptr ? std::nullopt : time_of(next);
  if (!this_update || !next_update)
    return tl::unexpected(usage_error("the revocation list does not say when the next one comes"));
  detail->this_update = *this_update;
  detail->next_update = *next_update;
  detail->issuer = name_of(X509_CRL_get_issuer(list));
  const STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(list);
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    const X509_REVOKED* entry = sk_X509_REVOKED_value(entries, i);
    const auto serial = serial_of(X509_REVOKED_get0_serialNumber(entry));
    const auto since = time_of(X509_REVOKED_get0_revocationDate(entry));
    if (!only_known_extensions(entry) || !since)
      return tl::unexpected(usage_error("the revocation list has an entry that cannot be read"));
    // No certificate that is read here has such a serial number.
    if (serial) detail->revoked.push_back({*serial, *since});
  }
  std::sort(detail->revoked.begin(), detail->revoked.end(),
            [](const RevokedCertificate& a, const RevokedCertificate& b) {
              return std::tie(a.serial, a.since) < std::tie(b.serial, b.since);
            });
  RevocationList result;
  result.detail_ = std::move(detail);
  return result;
}

const DistinguishedName& RevocationList::issuer() const {
  return detail_->issuer;
}
UtcTime RevocationList::this_update() const {
  return detail_->this_update;
}
UtcTime RevocationList::next_update() const {
  return detail_->next_update;
}

bool RevocationList::signed_by(const Certificate& authority) const {
  if (authority.subject() != issuer()) return false;
  const QuietErrors quiet;
  X509* x509 = authority.handle();
  if ((X509_get_extension_flags(x509) & EXFLAG_KUSAGE) != 0 &&
      (X509_get_key_usage(x509) & X509v3_KU_CRL_SIGN) == 0)
    return false;
  // As for certificates: no SHA-1.
  int digest = NID_undef;
  int bits = 0;
  if (X509_CRL_get_signature_nid(detail_->list.get()) == NID_undef ||
      OBJ_find_sigid_algs(X509_CRL_get_signature_nid(detail_->list.get()), &digest, &bits) != 1 ||
      digest == NID_sha1 || digest == NID_md5)
    return false;
  return X509_CRL_verify(detail_->list.get(), authority.public_key().handle()) == 1;
}

std::optional<UtcTime> RevocationList::revoked_since(const CertificateSerial& serial) const {
  const auto& all = detail_->revoked;
  const auto it = std::lower_bound(
      all.begin(), all.end(), serial,
      [](const RevokedCertificate& r, const CertificateSerial& s) { return r.serial < s; });
  if (it == all.end() || it->serial != serial) return std::nullopt;
  return it->since;
}

Result<std::string> make_revocation_list(const Certificate& authority, const PrivateKey& key,
                                         UtcTime this_update, UtcTime next_update,
                                         const std::vector<RevokedCertificate>& revoked) {
  const QuietErrors quiet;
  const OwnedList owned(or_bad_alloc(X509_CRL_new()));
  X509_CRL* list = owned.get();
  const auto asn1 = [](UtcTime t) {
    return Owned<asn1_string_st>(
        ASN1_TIME_set(nullptr, static_cast<time_t>(t.milliseconds_since_epoch() / 1000)));
  };
  bool made = X509_CRL_set_version(list, 1) == 1 &&
              X509_CRL_set_issuer_name(list, X509_get_subject_name(authority.handle())) == 1 &&
              X509_CRL_set1_lastUpdate(list, asn1(this_update).get()) == 1 &&
              X509_CRL_set1_nextUpdate(list, asn1(next_update).get()) == 1;
  for (const RevokedCertificate& r : revoked) {
    X509_REVOKED* entry = or_bad_alloc(X509_REVOKED_new());
    const auto serial = asn1_of(r.serial);
    made = made && serial && X509_REVOKED_set_serialNumber(entry, serial.get()) == 1 &&
           X509_REVOKED_set_revocationDate(entry, asn1(r.since).get()) == 1 &&
           X509_CRL_add0_revoked(list, entry) == 1;
    if (!made) break;
  }
  unsigned char* der = nullptr;
  made = made && X509_CRL_sort(list) == 1 && X509_CRL_sign(list, key.handle(), EVP_sha256()) > 0;
  const int size = made ? i2d_X509_CRL(list, &der) : 0;
  if (size <= 0) return tl::unexpected(internal_error("the library made no revocation list"));
  std::string base64;
  append_base64(base64, {der, static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  std::string pem(kBegin);
  for (std::size_t i = 0; i < base64.size(); i += 64) pem += "\n" + base64.substr(i, 64);
  return pem + "\n" + std::string(kEnd) + "\n";
}

}  // namespace s1flow::codecs::crypto
