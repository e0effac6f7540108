#pragma once
// Pki: the certificates (and the private keys, where present) of everyone in a run, checked once
// when loaded and asked without further cryptography afterwards.
//
// Layout of the folder (s1flow's own):
//   ca/root.pem                         the trust anchor
//   ca/issuing.pem, ca/*.pem            issuing authorities
//   ca/*.crl.pem, ca/*.crl              revocation lists of any of them
//   <role>/<EUI-64>.<use>.pem           one certificate; names of roles and uses are in party.h
//   <role>/<EUI-64>.<use>.key.pem       its private key, where we hold it
//   <role>/<EUI-64>.<use>.key.uri       or the pkcs11: URI of the device that holds it
//   <role>/<EUI-64>.<use>.p12           or certificate and key in one PKCS#12 file
//
// A certificate that cannot be used does not stop the load: it is told in problems(), and if it can
// be read at all it stays findable with its status, so that a signature by it is refused for the
// right reason. What counts is the certificate's own EUI-64 and OU; file names are labels that are
// checked against them.
//
// Time is never taken from the machine: every query takes the run's clock. Immutable once built but
// for what is read and checked when first asked for, private keys and the chains of certificates,
// since a folder may hold thousands and a run need few of them. Copies share one object; any number
// of threads may ask.
//
// Revocation: an authority that has a list here must have one that is current at the clock asked
// for, or nothing that it has issued is good (RevocationPolicy).
//
// To add another source, give what it holds to a PkiBuilder.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/crypto/certificate.h"
#include "codecs/crypto/party.h"
#include "codecs/crypto/revocation_list.h"
#include "core/file.h"

namespace s1flow::codecs::crypto {

enum class CertificateStatus : std::uint8_t {
  ok,
  unknown,        // no such certificate here
  not_trusted,    // no valid chain to the root
  not_yet_valid,  // it, or a certificate above it, at the clock asked for
  expired,
  revoked,             // it, or a certificate above it, by then
  revocation_unknown,  // the list of its issuer, or of one above, is not current, or is missing
  wrong_usage,         // its key usage does not allow what it is filed for
  wrong_role,          // its OU is not that of the role and use it is filed for
  no_key               // usable, but we do not hold the private key
};
inline constexpr std::array<std::string_view, 10> kCertificateStatusNames{
    "ok",         "unknown",       "not trusted",        "not yet valid",
    "expired",    "revoked",       "revocation unknown", "wrong usage",
    "wrong role", "no private key"};
[[nodiscard]] inline std::string_view name_of(CertificateStatus s) {
  return kCertificateStatusNames[static_cast<std::size_t>(s)];
}

// What is asked of revocation lists.
enum class RevocationPolicy : std::uint8_t {
  listed,     // where there is a list, it has to be current
  required,   // every authority of a chain has to have a current list
  stale_too,  // an old list still revokes, and does no other harm
};
inline constexpr std::array<std::string_view, 3> kRevocationPolicyNames{"listed", "required",
                                                                        "stale-too"};
[[nodiscard]] std::optional<RevocationPolicy> parse_revocation_policy(std::string_view name);

// What the lists of a chain say.
struct Revocation {
  std::optional<UtcTime> revoked_since;
  // The time for which the lists vouch: the narrowest of the chain.
  UtcTime known_from = UtcTime::from_milliseconds(INT64_MIN / 2);
  UtcTime known_until = UtcTime::from_milliseconds(INT64_MAX / 2);
};

// What the chain of a certificate says.
struct CertificateChain {
  bool trusted = false;  // there is a valid one to the root
  UtcTime valid_from;    // the narrowest period of the chain
  UtcTime valid_until;
  Revocation revocation;
  std::string reason;  // of not trusted
};

enum class PkiProblemKind : std::uint8_t {
  unreadable,      // the file cannot be read, or holds no certificate or key
  unexpected,      // a file or folder whose name says nothing to us
  not_trusted,     // no valid chain to the root
  not_valid_now,   // outside its period at the run's clock
  revoked,         // by the run's clock
  stale_list,      // a revocation list that is not current at the run's clock, or is missing
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

struct PkiEntry {
  PartyRole role{};
  CertificateUse use{};
  Eui64 eui;  // of the certificate; none when it has no usable one
  Certificate certificate;
  std::string file;  // relative to the folder, for messages

  // Type none when it is not held or cannot be used.
  [[nodiscard]] const PrivateKey& key() const;
  // Why a key that is there cannot be used; null when there is no such problem.
  [[nodiscard]] const PkiProblem* key_problem() const;
  [[nodiscard]] const CertificateChain& chain() const;
  // Everything but the key.
  [[nodiscard]] CertificateStatus status_at(UtcTime at) const;

 private:
  friend class Pki;
  friend class PkiBuilder;
  struct Later;
  std::shared_ptr<const Later> later_;  // set by PkiBuilder::add
};

// `entry` is null only for `unknown`.
struct PkiAnswer {
  CertificateStatus status = CertificateStatus::unknown;
  const PkiEntry* entry = nullptr;
};

struct PkiOptions {
  UtcTime clock;  // for not_valid_now
  bool load_keys = true;
  // For encrypted private keys and PKCS#12 files; the PIN of a device.
  std::optional<std::string_view> key_passphrase;
  RevocationPolicy revocation = RevocationPolicy::listed;
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
  // In the order of the files' names. The first call reads every key and checks every chain.
  [[nodiscard]] std::span<const PkiProblem> problems() const;
  // Those that show without that: what cannot be read, and what is filed in the wrong place.
  [[nodiscard]] std::span<const PkiProblem> problems_of_filing() const;

 private:
  friend class PkiBuilder;
  struct Content;
  std::shared_ptr<const Content> content_;
};

// A private key that is read when it is asked for, or what is wrong with it.
struct KeyRead {
  PrivateKey key;
  std::optional<PkiProblem> problem;
};
using KeySource = std::function<KeyRead()>;

class PkiBuilder {
 public:
  PkiBuilder();
  ~PkiBuilder();
  PkiBuilder(const PkiBuilder&) = delete;
  PkiBuilder& operator=(const PkiBuilder&) = delete;

  void add_root(Certificate certificate);
  void add_issuing(Certificate certificate);
  void add_list(RevocationList list, std::string file);
  // `claimed` is the party that the source says it belongs to. `key` is asked once at most, by
  // whichever thread comes first.
  void add(PkiEntry entry, Eui64 claimed, KeySource key = nullptr);
  void add(PkiEntry entry, Eui64 claimed, PrivateKey key);
  void add_problem(PkiProblemKind kind, std::string file, std::string text);
  [[nodiscard]] Pki build(UtcTime clock, RevocationPolicy policy = RevocationPolicy::listed);

 private:
  void check_labels(const PkiEntry& entry, Eui64 claimed);
  void check_lists(UtcTime clock);
  void judge_chains(UtcTime clock, RevocationPolicy policy);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace s1flow::codecs::crypto
