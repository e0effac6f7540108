#pragma once
// Makes a whole test PKI in the layout that Pki::load reads: root, issuing authority, one
// certificate and private key for each role, use and EUI-64 asked for, in the shape of SMKI
// organisation certificates (docs/formats/test-pki.md). For dry runs and tests only: the root's
// private key lies in the same folder.
//
// The same spec gives the same names, periods and serial numbers; keys are random. Serial numbers
// have 127 bits, except those of S1SP XML-signing certificates, which have at most 63: their
// signature stands inside a DUIS message where a validator on libxml2 reads it, and libxml2 cannot
// validate an xs:integer of more than 24 digits.

#include <cstdint>
#include <optional>
#include <vector>

#include "codecs/crypto/party.h"
#include "core/calendar.h"
#include "core/eui64.h"
#include "core/file.h"

namespace s1flow::codecs::crypto {

// What is wrong with one certificate on purpose. Each has its own status or problem when loaded.
enum class CertificateFault : std::uint8_t {
  none,
  expired,        // ended the day before the period of the spec
  not_yet_valid,  // starts the day after the period of the spec
  revoked,        // on the list of its issuer since the period of the spec began
  stale_list,     // issued by a second authority, whose list ended the day before the period
  foreign_root,   // issued under the right name by an authority that is not ours
  wrong_usage,    // the other key usage
  wrong_role,     // OU 7F
  other_party,    // another EUI-64 than the file name's
  other_key,      // the private key beside it is not its own
  no_key          // no private key beside it
};

struct TestCertificate {
  PartyRole role{};
  CertificateUse use{};
  Eui64 eui;
  CertificateFault fault = CertificateFault::none;
};

struct TestPkiSpec {
  std::uint64_t seed = 1;
  UtcTime valid_from;
  UtcTime valid_until;
  std::vector<TestCertificate> certificates;
};

// Adds every certificate that the role has: a supplier gets digital signing, key agreement, key
// agreement for top-up and XML signing. `with_rsa` adds RSA-2048 for the roles that encrypted
// credentials may go to; an RSA key takes a tenth of a second to make.
enum class WithRsa : bool { no, yes };
void add_party(TestPkiSpec& spec, PartyRole role, Eui64 eui, WithRsa with_rsa = WithRsa::no);

// Fails when a certificate is asked for that the role does not have or that was asked for before,
// when the folder has one of the files already, and when a file cannot be written. Private keys get
// mode 0600.
[[nodiscard]] Status generate_test_pki(const TestPkiSpec& spec, const Path& folder);

}  // namespace s1flow::codecs::crypto
