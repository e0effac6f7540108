#include "pipeline/week/certificates.h"

#include "pipeline/week/week_table.h"

namespace s1flow::pipeline {

CertificateIndex::CertificateIndex(const codecs::crypto::Pki& pki) {
  const auto entries = pki.entries();
  first_ = entries.data();
  for (std::size_t i = 0; i < entries.size() && i < kNone16; ++i)
    if (!entries[i].certificate.empty())
      index_.try_emplace({entries[i].role, entries[i].certificate.serial()},
                         static_cast<std::uint16_t>(i));
}

std::uint16_t CertificateIndex::index(codecs::crypto::PartyRole role,
                                      const CertificateSerial& serial) const {
  const auto it = index_.find({role, serial});
  return it == index_.end() ? kNone16 : it->second;
}

const codecs::crypto::PkiEntry* CertificateIndex::find(codecs::crypto::PartyRole role,
                                                       const CertificateSerial& serial) const {
  const std::uint16_t i = index(role, serial);
  return i == kNone16 ? nullptr : first_ + i;
}

}  // namespace s1flow::pipeline
