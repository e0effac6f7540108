#include "tests/codecs/crypto_support.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/check.h"

namespace s1flow::codecs::crypto::testing_support {

TempFolder::TempFolder() {
  // In memory where that is possible: these tests write many small files, each synced to disk.
  const Path memory = "/dev/shm";
  const Path base =
      ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
  std::string name = (base / "s1flow_test_XXXXXX").string();
  S1FLOW_CHECK(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Path TempFolder::put(std::string_view name, std::string_view bytes) const {
  Path path = path_ / name;
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

CommandResult run(const std::string& command) {
  CommandResult result;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return result;
  std::array<char, 4096> buffer;
  std::size_t got = 0;
  while ((got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0)
    result.out.append(buffer.data(), got);
  const int status = ::pclose(pipe);
  result.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

std::string shell_quoted(const Path& path) {
  std::string text(1, '\'');
  text += path.string();
  text += '\'';
  return text;
}

bool have_program(const std::string& name) {
  return run("command -v " + name + " 2>/dev/null").exit == 0;
}

bool have_python_cryptography() {
  static const bool have = run("python3 -c 'import cryptography' 2>/dev/null").exit == 0;
  return have;
}

UtcTime clock_of_tests() {
  return *UtcTime::parse("2019-07-01T12:00:00Z");
}

std::string transport_name(KeyTransport transport) {
  switch (transport) {
    case KeyTransport::ecdh_es:
      return "ecdh";
    case KeyTransport::rsa_oaep_sha1:
      return "rsa_sha1";
    case KeyTransport::rsa_oaep_sha256:
      return "rsa_sha256";
  }
  return "?";
}

TestPkiSpec party_spec(WithRsa with_rsa) {
  TestPkiSpec spec;
  spec.seed = 17;
  spec.valid_from = *UtcTime::parse("2019-01-01T00:00:00Z");
  spec.valid_until = *UtcTime::parse("2029-01-01T00:00:00Z");
  add_party(spec, PartyRole::requesting_party, kRequestingParty);
  add_party(spec, PartyRole::commissioning_party, kCommissioningParty);
  add_party(spec, PartyRole::s1sp, kS1sp, with_rsa);
  add_party(spec, PartyRole::dco, kDco, with_rsa);
  add_party(spec, PartyRole::supplier, kSupplier);
  add_party(spec, PartyRole::dcc, kDcc);
  return spec;
}

namespace {
struct SharedPki {
  TempFolder folder;
  Pki pki;
  SharedPki() {
    S1FLOW_CHECK(generate_test_pki(party_spec(WithRsa::yes), folder.path()).has_value());
    PkiOptions options;
    options.clock = clock_of_tests();
    auto loaded = Pki::load(folder.path(), options);
    S1FLOW_CHECK(loaded.has_value());
    pki = *std::move(loaded);
  }
};
const SharedPki& shared() {
  static const SharedPki pki;
  return pki;
}
}  // namespace

const Pki& shared_pki() {
  return shared().pki;
}
const Path& shared_pki_folder() {
  return shared().folder.path();
}

const PkiEntry& entry_of(PartyRole role, CertificateUse use) {
  for (const PkiEntry& entry : shared_pki().entries())
    if (entry.role == role && entry.use == use) return entry;
  S1FLOW_CHECK(!"the shared PKI has such a certificate");
  return shared_pki().entries().front();
}

const PrivateKey& rsa_key() {
  return entry_of(PartyRole::s1sp, CertificateUse::key_encipherment).key();
}
const PrivateKey& other_rsa_key() {
  return entry_of(PartyRole::dco, CertificateUse::key_encipherment).key();
}

std::string stem_of(const PkiEntry& entry) {
  const std::string file = (shared_pki_folder() / entry.file).string();
  return file.substr(0, file.size() - std::string_view(".pem").size());
}

}  // namespace s1flow::codecs::crypto::testing_support
