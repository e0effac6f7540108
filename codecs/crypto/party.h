#pragma once
// Who takes part in a migration and what each one's certificates are for.
//
// A certificate says its purpose by two things: the OU of its subject (the remote party role, two
// hex digits) and its key usage. Public codes are 02 supplier, 03 network operator, 04 access
// control broker, 87 XML signing by a User and 89 XML signing by the DCC. The codes of the
// migration roles (Requesting Party, Commissioning Party, S1SP, DCO) and of TLS are not public: C0
// to C8 below are s1flow's own choice, taken from a range in which no code is known.
// docs/formats/test-pki.md has the table.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "codecs/crypto/certificate.h"

namespace s1flow::codecs::crypto {

enum class PartyRole : std::uint8_t {
  requesting_party,
  commissioning_party,
  s1sp,
  dco,
  supplier,
  network_operator,
  dcc
};
inline constexpr std::array<std::string_view, 7> kPartyRoleNames{
    "requesting-party", "commissioning-party", "s1sp", "dco",
    "supplier",         "network-operator",    "dcc"};

enum class CertificateUse : std::uint8_t {
  file_signing,          // migration files
  xml_signing,           // DUIS messages
  digital_signing,       // device commands (GBCS)
  key_agreement,         // ECDH with the holder, also the recipient of encrypted credentials
  key_agreement_top_up,  // a supplier's prepayment key
  key_encipherment,      // RSA: the other way to encrypt credentials for a recipient
  tls                    // either end of a connection
};
inline constexpr std::array<std::string_view, 7> kCertificateUseNames{
    "file-signing",     "xml-signing", "digital-signing", "key-agreement", "key-agreement-top-up",
    "key-encipherment", "tls"};

[[nodiscard]] inline std::string_view name_of(PartyRole r) {
  return kPartyRoleNames[static_cast<std::size_t>(r)];
}
[[nodiscard]] inline std::string_view name_of(CertificateUse u) {
  return kCertificateUseNames[static_cast<std::size_t>(u)];
}
[[nodiscard]] std::optional<PartyRole> parse_party_role(std::string_view name);
[[nodiscard]] std::optional<CertificateUse> parse_certificate_use(std::string_view name);

// One kind of certificate that a role has, and the OU that it carries.
struct CertificateKind {
  PartyRole role;
  CertificateUse use;
  unsigned role_code;
  bool code_is_public;  // false: s1flow's own choice
};
inline constexpr std::array<CertificateKind, 23> kCertificateKinds{{
    {PartyRole::requesting_party, CertificateUse::file_signing, 0xC0, false},
    {PartyRole::commissioning_party, CertificateUse::file_signing, 0xC1, false},
    {PartyRole::commissioning_party, CertificateUse::xml_signing, 0xC2, false},
    {PartyRole::s1sp, CertificateUse::file_signing, 0xC3, false},
    {PartyRole::s1sp, CertificateUse::xml_signing, 0xC4, false},
    {PartyRole::s1sp, CertificateUse::key_agreement, 0xC5, false},
    {PartyRole::s1sp, CertificateUse::key_encipherment, 0xC5, false},
    {PartyRole::dco, CertificateUse::key_agreement, 0xC6, false},
    {PartyRole::dco, CertificateUse::key_encipherment, 0xC6, false},
    {PartyRole::supplier, CertificateUse::digital_signing, 0x02, true},
    {PartyRole::supplier, CertificateUse::key_agreement, 0x02, true},
    {PartyRole::supplier, CertificateUse::key_agreement_top_up, 0x02, true},
    {PartyRole::supplier, CertificateUse::xml_signing, 0x87, true},
    {PartyRole::network_operator, CertificateUse::digital_signing, 0x03, true},
    {PartyRole::network_operator, CertificateUse::key_agreement, 0x03, true},
    {PartyRole::network_operator, CertificateUse::xml_signing, 0x87, true},
    {PartyRole::dcc, CertificateUse::xml_signing, 0x89, true},
    {PartyRole::dcc, CertificateUse::digital_signing, 0x04, true},
    {PartyRole::dcc, CertificateUse::key_agreement, 0x04, true},
    {PartyRole::commissioning_party, CertificateUse::tls, 0xC7, false},
    {PartyRole::supplier, CertificateUse::tls, 0xC7, false},
    {PartyRole::network_operator, CertificateUse::tls, 0xC7, false},
    {PartyRole::dcc, CertificateUse::tls, 0xC8, false},
}};

// Null when the role has no certificate for that use.
[[nodiscard]] const CertificateKind* find_certificate_kind(PartyRole role, CertificateUse use);

[[nodiscard]] bool is_signing(CertificateUse use);
// True when the key usage allows the use: digitalSignature, keyAgreement or keyEncipherment.
[[nodiscard]] bool allows(const KeyUsage& usage, CertificateUse use);

}  // namespace s1flow::codecs::crypto
