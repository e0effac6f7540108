#pragma once
// RevocationList: one X.509 CRL, whole and direct: the serial numbers that one authority has
// revoked, and the time for which it vouches for the list. Reading decides nothing about trust; see
// pki.h.
//
// Shares an immutable object: copies are cheap and may be used by several threads at once.

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "codecs/crypto/certificate.h"
#include "codecs/crypto/key.h"
#include "core/calendar.h"
#include "core/certificate_serial.h"
#include "core/result.h"

namespace s1flow::codecs::crypto {

class RevocationList {
 public:
  // Exactly one list, PEM or DER. An error for what is neither, for a list without nextUpdate, and
  // for lists that say more than a plain one: deltas, indirect ones, those of one distribution
  // point, and critical extensions that nobody here understands.
  [[nodiscard]] static Result<RevocationList> from_bytes(std::string_view bytes);

  [[nodiscard]] const DistinguishedName& issuer() const;
  [[nodiscard]] UtcTime this_update() const;
  [[nodiscard]] UtcTime next_update() const;  // the last second of the list
  // The authority has the list's name, may sign lists, and has signed this one.
  [[nodiscard]] bool signed_by(const Certificate& authority) const;
  // Since when the certificate is revoked.
  [[nodiscard]] std::optional<UtcTime> revoked_since(const CertificateSerial& serial) const;

 private:
  struct Detail;
  std::shared_ptr<const Detail> detail_;
};

struct RevokedCertificate {
  CertificateSerial serial;
  UtcTime since;
};
// PEM of a list, for tests and the test PKI.
[[nodiscard]] Result<std::string> make_revocation_list(
    const Certificate& authority, const PrivateKey& key, UtcTime this_update, UtcTime next_update,
    const std::vector<RevokedCertificate>& revoked);

}  // namespace s1flow::codecs::crypto
