#include "codecs/crypto/party.h"

namespace s1flow::codecs::crypto {
namespace {

template <typename Enum, std::size_t N>
std::optional<Enum> find_name(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return static_cast<Enum>(i);
  return std::nullopt;
}

}  // namespace

std::optional<PartyRole> parse_party_role(std::string_view name) {
  return find_name<PartyRole>(kPartyRoleNames, name);
}

std::optional<CertificateUse> parse_certificate_use(std::string_view name) {
  return find_name<CertificateUse>(kCertificateUseNames, name);
}

const CertificateKind* find_certificate_kind(PartyRole role, CertificateUse use) {
  for (const CertificateKind& kind : kCertificateKinds)
    if (kind.role == role && kind.use == use) return &kind;
  return nullptr;
}

bool is_signing(CertificateUse use) {
  return use == CertificateUse::file_signing || use == CertificateUse::xml_signing ||
         use == CertificateUse::digital_signing;
}

bool allows(const KeyUsage& usage, CertificateUse use) {
  if (is_signing(use) || use == CertificateUse::tls) return usage.digital_signature;
  return use == CertificateUse::key_encipherment ? usage.key_encipherment : usage.key_agreement;
}

}  // namespace s1flow::codecs::crypto
