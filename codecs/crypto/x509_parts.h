#pragma once
// Parts of X.509 that certificates and revocation lists share, of OpenSSL's types. For the .cpp
// files of this folder.

#include <optional>

#include "codecs/crypto/distinguished_name.h"
#include "codecs/crypto/openssl_owned.h"
#include "core/calendar.h"
#include "core/certificate_serial.h"

struct X509_name_st;

namespace s1flow::codecs::crypto {

// Text order is the reverse of the encoded order (RFC 2253 section 2.1).
[[nodiscard]] DistinguishedName name_of(const X509_name_st* name);
// Of an INTEGER; nothing for a negative number or one of more than 128 bits.
[[nodiscard]] std::optional<CertificateSerial> serial_of(const asn1_string_st* integer);
[[nodiscard]] Owned<asn1_string_st> asn1_of(const CertificateSerial& serial);
[[nodiscard]] std::optional<UtcTime> time_of(const asn1_string_st* time);

}  // namespace s1flow::codecs::crypto
