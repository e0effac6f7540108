#include "codecs/crypto/x509_parts.h"

#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/x509.h>

#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

DistinguishedName::Attribute attribute_of(const X509_NAME_ENTRY* entry) {
  DistinguishedName::Attribute attribute;
  std::array<char, 80> dotted{};
  OBJ_obj2txt(dotted.data(), static_cast<int>(dotted.size()), X509_NAME_ENTRY_get_object(entry), 1);
  attribute.key = attribute_key_of(dotted.data());
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(entry);
  unsigned char* utf8 = nullptr;
  const int type = ASN1_STRING_type(value);
  if (type != V_ASN1_BIT_STRING && type != V_ASN1_OCTET_STRING) {
    const int size = ASN1_STRING_to_UTF8(&utf8, value);
    if (size >= 0) {
      attribute.value.assign(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
      OPENSSL_free(utf8);
      return attribute;
    }
  }
  attribute.is_der = true;
  unsigned char* der = nullptr;
  const int size = type == V_ASN1_BIT_STRING ? i2d_ASN1_BIT_STRING(value, &der)
                                             : i2d_ASN1_OCTET_STRING(value, &der);
  if (size > 0) {
    append_hex(attribute.value, {der, static_cast<std::size_t>(size)});
    OPENSSL_free(der);
  }
  return attribute;
}

}  // namespace

DistinguishedName name_of(const X509_NAME* name) {
  std::vector<DistinguishedName::Part> parts;
  int set = -1;
  for (int i = X509_NAME_entry_count(name) - 1; i >= 0; --i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    if (parts.empty() || X509_NAME_ENTRY_set(entry) != set) parts.emplace_back();
    set = X509_NAME_ENTRY_set(entry);
    parts.back().push_back(attribute_of(entry));
  }
  return DistinguishedName::from_parts(std::move(parts));
}

std::optional<CertificateSerial> serial_of(const ASN1_INTEGER* integer) {
  if (ASN1_STRING_type(integer) != V_ASN1_INTEGER || ASN1_STRING_length(integer) > 16)
    return std::nullopt;  // negative, or too long
  std::string hex;
  append_hex(
      hex, {ASN1_STRING_get0_data(integer), static_cast<std::size_t>(ASN1_STRING_length(integer))});
  return CertificateSerial::parse_hex(hex);
}

Owned<asn1_string_st> asn1_of(const CertificateSerial& serial) {
  std::string hex;
  serial.append_hex_to(hex);
  BIGNUM* raw = nullptr;
  if (BN_hex2bn(&raw, hex.c_str()) == 0) return nullptr;
  const Owned<bignum_st> number(raw);
  return Owned<asn1_string_st>(BN_to_ASN1_INTEGER(number.get(), nullptr));
}

std::optional<UtcTime> time_of(const ASN1_TIME* time) {
  std::tm tm{};
  if (ASN1_TIME_to_tm(time, &tm) != 1) return std::nullopt;
  using namespace std::chrono;
  const sys_days day =
      year_month_day(year(tm.tm_year + 1900), month(static_cast<unsigned>(tm.tm_mon + 1)),
                     std::chrono::day(static_cast<unsigned>(tm.tm_mday)));
  return UtcTime(UtcTime::Rep(day) + hours(tm.tm_hour) + minutes(tm.tm_min) + seconds(tm.tm_sec));
}

}  // namespace s1flow::codecs::crypto
