#pragma once
// Issues X.509 certificates of the SMKI shape for test_pki.h.

#include <cstdint>
#include <optional>
#include <string>

#include "codecs/crypto/certificate.h"
#include "codecs/crypto/key.h"
#include "core/calendar.h"

namespace s1flow::codecs::crypto {

// certificatePolicies of every test certificate: below 2.999, the arc that ITU-T X.660 keeps for
// examples. Not a policy of the DCC.
inline constexpr const char* kTestPolicyOid = "2.999.1.17.1";

struct CertificateRequest {
  std::string common_name;  // left out when empty
  unsigned role_code = 0;   // OU, two hex digits
  std::optional<Eui64> eui;
  CertificateSerial serial;
  UtcTime valid_from;
  UtcTime valid_until;
  KeyUsage usage;
  bool on_loopback = false;  // for 127.0.0.1, ::1 and localhost, as a server's has to say
  bool is_authority = false;
  int path_length = -1;  // of an authority; negative for no limit
};

// Signs with ecdsa-with-SHA256. `issuer` may be empty for a self-signed root.
[[nodiscard]] Result<Certificate> make_certificate(const CertificateRequest& request,
                                                   const PublicKey& key, const Certificate& issuer,
                                                   const PrivateKey& issuer_key);

}  // namespace s1flow::codecs::crypto
