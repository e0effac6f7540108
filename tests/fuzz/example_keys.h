#pragma once
// The keys of the examples in docs/formats/signature-and-encryption.md, as the fuzz targets of
// signatures and encryption know them: made for that page and used nowhere else.

#include <string_view>

#include "codecs/crypto/certificate_maker.h"
#include "core/check.h"
#include "core/text.h"

namespace s1flow {

inline constexpr std::string_view kSignerPoint =
    "0427FFE6E1068491E4A1AF1FDD9784E96E47ADF990C1FC3A16BC1BC930E024C207"
    "DFFE6D0F52AE7A02773A48BC14A1873A78CF1D6EAFCF7AF830CFBCCF80D2D15F";
inline constexpr std::string_view kSignerSerial = "166332969332521507456206936720734741678";
inline constexpr std::string_view kRecipientKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgPtwl+G6SFIw7afaD\n"
    "FKTlKJLWvn1uEbyhQSxTkMptinWhRANCAARG/vciP6obMoOd49h5rGEsarskUTNQ\n"
    "034HbnBkCjvE735Bh6798XbUfrrauijoIznxYFn4qyr+106pheVLCnCN\n"
    "-----END PRIVATE KEY-----\n";
inline constexpr std::string_view kRecipientSerial = "103929005307130220006098923584552504982";

struct ExampleAuthority {
  codecs::crypto::PrivateKey key;
  codecs::crypto::Certificate certificate;
};
inline UtcTime example_time(int year) {
  return *UtcTime::parse(std::to_string(year) + "-01-01T00:00:00Z");
}
inline ExampleAuthority example_authority() {
  using namespace codecs::crypto;
  ExampleAuthority authority{*PrivateKey::generate(NewKey::p256), {}};
  CertificateRequest request;
  request.common_name = "Z1";
  request.role_code = 7;
  request.serial = *CertificateSerial::parse_decimal("1");
  request.valid_from = example_time(2019);
  request.valid_until = example_time(2040);
  request.usage.certificate_signing = true;
  request.is_authority = true;
  authority.certificate =
      *make_certificate(request, authority.key.public_key(), Certificate(), authority.key);
  return authority;
}
inline codecs::crypto::Certificate example_certificate(const ExampleAuthority& authority,
                                                       const codecs::crypto::PublicKey& key,
                                                       std::string_view serial, unsigned role,
                                                       std::uint64_t eui, bool signs) {
  codecs::crypto::CertificateRequest request;
  request.role_code = role;
  request.eui = Eui64(eui);
  request.serial = *CertificateSerial::parse_decimal(serial);
  request.valid_from = example_time(2020);
  request.valid_until = example_time(2039);
  (signs ? request.usage.digital_signature : request.usage.key_agreement) = true;
  return *codecs::crypto::make_certificate(request, key, authority.certificate, authority.key);
}

}  // namespace s1flow
