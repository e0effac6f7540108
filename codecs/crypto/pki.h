#pragma once
// Pki: the certificates (and the private keys, where present) of everyone in a run, checked once
// when loaded and asked without further cryptography afterwards.
//
// Layout of the folder (s1flow's own):
//   ca/root.pem                         the trust anchor
//   ca/issuing.pem, ca/*.pem            issuing authorities
//   <role>/<EUI-64>.<use>.pem           one certificate; names of roles and uses are in party.h
//   <role>/<EUI-64>.<use>.key.pem       its private key, where we hold it
//
// A certificate that cannot be used does not stop the load: it is told in problems(), and if it can
// be read at all it stays findable with its status, so that a signature by it is refused for the
// right reason. What counts is the certificate's own EUI-64 and OU; file names are labels that are
// checked against them.
//
// Time is never taken from the machine: every query takes the run's clock. Immutable once built;
// copies share one object; any number of threads may ask.
//
// To add another source (PKCS#12, a pkcs11: URI), give what it holds to a PkiBuilder. To add
// revocation, give the lists to the builder's X509_STORE and add a CertificateStatus.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/crypto/certificate.h"
#include "codecs/crypto/party.h"
#include "core/file.h"

namespace s1flow::codecs::crypto {

enum class CertificateStatus : std::uint8_t {
  ok,
  unknown,        // no such certificate here
  not_trusted,    // no valid chain to the root
  not_yet_valid,  // it, or a certificate above it, at the clock asked for
  expired,
  wrong_usage,  // its key usage does not allow what it is filed for
  wrong_role,   // its OU is not that of the role and use it is filed for
  no_key        // usable, but we do not hold the private key
};
inline constexpr std::array<std::string_view, 8> kCertificateStatusNames{
    "ok",      "unknown",     "not trusted", "not yet valid",
    "expired", "wrong usage", "wrong role",  "no private key"};
[[nodiscard]] inline std::string_view name_of(CertificateStatus s) {
  return kCertificateStatusNames[static_cast<std::size_t>(s)];
}

struct PkiEntry {
  PartyRole role{};
  CertificateUse use{};
  Eui64 eui;  // of the certificate; none when it has no usable one
  Certificate certificate;
  PrivateKey key;    // type none when not held
  std::string file;  // relative to the folder, for messages

  // Set by PkiBuilder::build.
  bool trusted = false;
  UtcTime valid_from;  // the narrowest period of its chain
  UtcTime valid_until;

  // Everything but the key.
  [[nodiscard]] CertificateStatus status_at(UtcTime at) const;
};

enum class PkiProblemKind : std::uint8_t {
  unreadable,      // the file cannot be read, or holds no certificate or key
  unexpected,      // a file or folder whose name says nothing to us
  not_trusted,     // no valid chain to the root
  not_valid_now,   // outside its period at the run's clock
  wrong_usage,     // key usage and file name disagree
  wrong_role,      // OU and folder or file name disagree
  wrong_party,     // EUI-64 missing, or other than the file name says
  duplicate,       // same issuer and serial, or same role, EUI-64 and use, as one before
  key_mismatch,    // the private key belongs to another certificate
  key_alone,       // a private key without a certificate
  key_is_exposed,  // others than the owner may read the private key
};

struct PkiProblem {
  PkiProblemKind kind{};
  std::string file;  // relative to the folder
  std::string text;  // one line, without the file's name
};

// `entry` is null only for `unknown`.
struct PkiAnswer {
  CertificateStatus status = CertificateStatus::unknown;
  const PkiEntry* entry = nullptr;
};

struct PkiOptions {
  UtcTime clock;  // for not_valid_now
  bool load_keys = true;
  // For encrypted private keys.
  std::optional<std::string_view> key_passphrase;
};

class Pki {
 public:
  Pki();  // knows nobody
  // An error only when there is no folder or no usable root; all else is in problems().
  [[nodiscard]] static Result<Pki> load(const Path& folder, const PkiOptions& options);

  // The certificate that a message names; its status is that of the certificate alone.
  [[nodiscard]] PkiAnswer find(const DistinguishedName& issuer, const CertificateSerial& serial,
                               UtcTime at) const;
  // The certificate of a party for a use, e.g. the recipient of encrypted data.
  [[nodiscard]] PkiAnswer find(PartyRole role, Eui64 eui, CertificateUse use, UtcTime at) const;
  // As above, and `no_key` when all is well but the private key is not held: for signing, and for
  // opening what was encrypted for the party.
  [[nodiscard]] PkiAnswer find_with_key(PartyRole role, Eui64 eui, CertificateUse use,
                                        UtcTime at) const;

  // By role, EUI-64 and use.
  [[nodiscard]] std::span<const PkiEntry> entries() const;
  // In the order of the files' names.
  [[nodiscard]] std::span<const PkiProblem> problems() const;

 private:
  friend class PkiBuilder;
  struct Content;
  std::shared_ptr<const Content> content_;
};

class PkiBuilder {
 public:
  PkiBuilder();
  ~PkiBuilder();
  PkiBuilder(const PkiBuilder&) = delete;
  PkiBuilder& operator=(const PkiBuilder&) = delete;

  void add_root(Certificate certificate);
  void add_issuing(Certificate certificate);
  // `claimed` is the party that the source says it belongs to.
  void add(PkiEntry entry, Eui64 claimed);
  void add_problem(PkiProblemKind kind, std::string file, std::string text);
  [[nodiscard]] Pki build(UtcTime clock);

 private:
  void check_labels(const PkiEntry& entry, Eui64 claimed);
  void check_chains(UtcTime clock);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace s1flow::codecs::crypto
