#pragma once
// CertificateIndex: certificates of a Pki by role and serial number alone, since a MAF names
// certificates by their serial numbers. Immutable after construction; thread-safe.

#include <map>
#include <utility>

#include "codecs/crypto/pki.h"
#include "core/certificate_serial.h"

namespace s1flow::pipeline {

class CertificateIndex {
 public:
  CertificateIndex() = default;
  explicit CertificateIndex(const codecs::crypto::Pki& pki);
  // Null when the role has no such certificate. Two issuers may give the same number; the first in
  // the Pki's order is found.
  [[nodiscard]] const codecs::crypto::PkiEntry* find(codecs::crypto::PartyRole role,
                                                     const CertificateSerial& serial) const;
  // Its index in the Pki's entries, or 0xFFFF.
  [[nodiscard]] std::uint16_t index(codecs::crypto::PartyRole role,
                                    const CertificateSerial& serial) const;

 private:
  const codecs::crypto::PkiEntry* first_ = nullptr;
  std::map<std::pair<codecs::crypto::PartyRole, CertificateSerial>, std::uint16_t> index_;
};

}  // namespace s1flow::pipeline
