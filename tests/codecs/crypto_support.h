#pragma once
// What the crypto tests share: a folder that goes away, programs to compare with, one test PKI.

#include <filesystem>
#include <string>
#include <string_view>

#include "codecs/crypto/pki.h"
#include "codecs/crypto/test_pki.h"
#include "codecs/crypto/xmlenc.h"

namespace s1flow::codecs::crypto::testing_support {

class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  [[nodiscard]] const Path& path() const { return path_; }
  // Writes a file into the folder and gives its path.
  Path put(std::string_view name, std::string_view bytes) const;

 private:
  Path path_;
};

struct CommandResult {
  int exit = -1;
  std::string out;  // standard output, and standard error when asked for
};
// Runs a shell command; quote paths with shell_quoted().
[[nodiscard]] CommandResult run(const std::string& command);
[[nodiscard]] std::string shell_quoted(const Path& path);
[[nodiscard]] bool have_program(const std::string& name);
[[nodiscard]] bool have_python_cryptography();

[[nodiscard]] UtcTime clock_of_tests();  // inside the period of the PKI below

// EUI-64s of the PKI below.
inline constexpr Eui64 kRequestingParty{0x90B3D51F30000101};
inline constexpr Eui64 kCommissioningParty{0x90B3D51F30000102};
inline constexpr Eui64 kS1sp{0x90B3D51F30000103};
inline constexpr Eui64 kDco{0x90B3D51F30000104};
inline constexpr Eui64 kSupplier{0x90B3D51F30010000};  // ends in zero bits
inline constexpr Eui64 kDcc{0x90B3D51F30000002};

[[nodiscard]] std::string transport_name(KeyTransport transport);  // for test names

[[nodiscard]] TestPkiSpec party_spec(WithRsa with_rsa);

// All of the parties above, with keys, RSA included; made once per program.
[[nodiscard]] const Pki& shared_pki();
[[nodiscard]] const Path& shared_pki_folder();
[[nodiscard]] const PkiEntry& entry_of(PartyRole role, CertificateUse use);
// Two RSA-2048 keys; making one takes a tenth of a second.
[[nodiscard]] const PrivateKey& rsa_key();
[[nodiscard]] const PrivateKey& other_rsa_key();
// "<folder>/<role>/<EUI-64>.<use>" without ".pem" or ".key.pem".
[[nodiscard]] std::string stem_of(const PkiEntry& entry);

}  // namespace s1flow::codecs::crypto::testing_support
