#pragma once
// Keys that do not lie in PEM files: PKCS#12 files, and keys that stay in a PKCS#11 device (a smart
// card, an HSM) and are named by a `pkcs11:` URI (RFC 7512).

#include <optional>
#include <string>
#include <string_view>

#include "codecs/crypto/certificate.h"
#include "codecs/crypto/key.h"
#include "core/result.h"

namespace s1flow::codecs::crypto {

struct KeyAndCertificate {
  Certificate certificate;
  PrivateKey key;  // type none when the file holds none
};

// The one certificate that the file's key belongs to, and the key; other certificates in it are
// passed over, since trust comes from the pki folder only. An error for a wrong password, which is
// not told from a damaged file.
[[nodiscard]] Result<KeyAndCertificate> read_pkcs12(std::string_view bytes,
                                                    std::string_view password);

[[nodiscard]] bool is_pkcs11_uri(std::string_view text);
// A key that signs and agrees in its device. The URI's `module-path` names the device's library;
// without it, the machine's p11-kit does. The PIN is `pin`, or comes from the URI's own
// `pin-source`; a `pin-value` is refused, since URIs are written into files and arguments. One
// module per run. Thread-safe; slow.
[[nodiscard]] Result<PrivateKey> key_from_pkcs11(const std::string& uri,
                                                 std::optional<std::string_view> pin);

}  // namespace s1flow::codecs::crypto
