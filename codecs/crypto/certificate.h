#pragma once
// Certificate: one X.509 certificate of the shape that SMKI organisation certificates have: the
// party's EUI-64 as x500UniqueIdentifier (2.5.4.45, a BIT STRING of 64 bits), its remote party role
// as OU (two hex digits), one key usage. Reading decides nothing about trust; see pki.h.
//
// Shares an immutable object: copies are cheap and may be used by several threads at once.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codecs/crypto/digest.h"
#include "codecs/crypto/distinguished_name.h"
#include "codecs/crypto/key.h"
#include "core/calendar.h"
#include "core/certificate_serial.h"
#include "core/eui64.h"
#include "core/result.h"

namespace s1flow::codecs::crypto {

struct KeyUsage {
  bool digital_signature = false;
  bool key_agreement = false;
  bool key_encipherment = false;
  bool certificate_signing = false;
};

class Certificate {
 public:
  Certificate() = default;  // "none"; only empty() may be asked
  // Exactly one PEM certificate (text before and after it is allowed). An error for a key that is
  // neither P-256 nor RSA of 2048 bits or more, for a serial that is not positive or has more than
  // 128 bits, and for anything that is not DER.
  [[nodiscard]] static Result<Certificate> from_pem(std::string_view pem);
  [[nodiscard]] static Result<Certificate> from_der(std::span<const unsigned char> der);

  [[nodiscard]] bool empty() const { return detail_ == nullptr; }
  [[nodiscard]] const DistinguishedName& issuer() const;
  [[nodiscard]] const DistinguishedName& subject() const;
  [[nodiscard]] const CertificateSerial& serial() const;
  // None when the subject has no identifier of exactly 64 bits.
  [[nodiscard]] std::optional<Eui64> eui() const;
  // Nothing when the subject has no single OU of two hex digits.
  [[nodiscard]] std::optional<unsigned> role_code() const;
  // All false when the certificate has no key usage.
  [[nodiscard]] const KeyUsage& key_usage() const;
  [[nodiscard]] UtcTime valid_from() const;
  [[nodiscard]] UtcTime valid_until() const;  // the last second that is valid
  [[nodiscard]] const PublicKey& public_key() const;
  [[nodiscard]] std::span<const unsigned char> der() const;
  // Hash of the DER, as DUIS names certificates.
  [[nodiscard]] const Sha1Digest& sha1() const;
  [[nodiscard]] std::string to_pem() const;
  [[nodiscard]] x509_st* handle() const;

 private:
  struct Detail;
  std::shared_ptr<const Detail> detail_;
};

}  // namespace s1flow::codecs::crypto
