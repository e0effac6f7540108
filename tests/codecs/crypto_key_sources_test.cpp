// Keys from PKCS#12 files that openssl made, and in a device that SoftHSM plays. Without these
// programs the tests say so and are skipped.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "codecs/crypto/key_sources.h"
#include "codecs/crypto/key_transport.h"
#include "codecs/crypto/pki.h"
#include "codecs/crypto/test_pki.h"
#include "codecs/crypto/xmldsig.h"
#include "core/text.h"
#include "tests/codecs/crypto_support.h"

namespace s1flow::codecs::crypto {
namespace {

using namespace testing_support;  // NOLINT: only this file

constexpr const char* kPassword = "correct horse";

class Pkcs12Test : public testing::Test {
 protected:
  void SetUp() override {
    if (!have_program("openssl")) GTEST_SKIP() << "openssl is not installed";
    const PkiEntry& entry = entry_of(PartyRole::s1sp, CertificateUse::file_signing);
    stem_ = stem_of(entry);
    certificate_ = entry.certificate;
    p12_ = make("one.p12", "");
  }
  [[nodiscard]] Path make(const std::string& name, const std::string& more) const {
    const Path path = folder_.path() / name;
    const CommandResult done =
        run("openssl pkcs12 -export -in " + shell_quoted(stem_ + ".pem") + " -inkey " +
            shell_quoted(stem_ + ".key.pem") + " -passout 'pass:" + kPassword + "' " + more +
            " -out " + shell_quoted(path) + " 2>&1");
    EXPECT_EQ(done.exit, 0) << done.out;
    ::chmod(path.c_str(), 0600);
    return path;
  }
  [[nodiscard]] std::string bytes() const { return *read_text(p12_); }

  TempFolder folder_;
  std::string stem_;
  Certificate certificate_;
  Path p12_;
};

TEST_F(Pkcs12Test, GivesTheKeyAndItsCertificate) {
  const auto own = read_pkcs12(bytes(), kPassword);
  ASSERT_TRUE(own) << own.error().message();
  EXPECT_EQ(own->certificate.sha1(), certificate_.sha1());
  EXPECT_TRUE(own->key.public_key() == certificate_.public_key());
  EXPECT_TRUE(SignatureMaker::make(own->certificate, own->key));
}

TEST_F(Pkcs12Test, PassesOverOtherCertificates) {
  p12_ = make("chain.p12", "-certfile " + shell_quoted(shared_pki_folder() / "ca" / "issuing.pem"));
  const auto own = read_pkcs12(bytes(), kPassword);
  ASSERT_TRUE(own) << own.error().message();
  EXPECT_EQ(own->certificate.sha1(), certificate_.sha1());
}

TEST_F(Pkcs12Test, DoesNotTellAWrongPasswordFromDamage) {
  const auto wrong = read_pkcs12(bytes(), "wrong");
  ASSERT_FALSE(wrong);
  std::string damaged = bytes();
  damaged[damaged.size() - 10] = static_cast<char>(damaged[damaged.size() - 10] ^ 1);
  const auto other = read_pkcs12(damaged, kPassword);
  ASSERT_FALSE(other);
  EXPECT_EQ(wrong.error().message(), other.error().message());
  EXPECT_FALSE(read_pkcs12(bytes(), ""));
}

TEST_F(Pkcs12Test, RefusesEveryTruncation) {
  const std::string whole = bytes();
  for (std::size_t i = 0; i < whole.size(); i += 7)
    EXPECT_FALSE(read_pkcs12(whole.substr(0, i), kPassword)) << i;
  EXPECT_FALSE(read_pkcs12(whole + "x", kPassword));
}

TEST_F(Pkcs12Test, LiesInAPkiFolderLikeAnyKey) {
  const TempFolder pki;
  std::filesystem::copy(
      shared_pki_folder(), pki.path(),
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  const Path role = pki.path() / "s1sp";
  const std::string name = kS1sp.text() + ".file-signing";
  std::filesystem::remove(role / (name + ".pem"));
  std::filesystem::remove(role / (name + ".key.pem"));
  std::filesystem::copy_file(p12_, role / (name + ".p12"));
  PkiOptions options;
  options.clock = clock_of_tests();
  const auto find = [&] {
    return Pki::load(pki.path(), options)
        ->find_with_key(PartyRole::s1sp, kS1sp, CertificateUse::file_signing, options.clock)
        .status;
  };
  EXPECT_EQ(find(), CertificateStatus::unknown);  // without the password
  options.key_passphrase = kPassword;
  EXPECT_EQ(find(), CertificateStatus::ok);
}

class DeviceTest : public testing::Test {
 protected:
  static constexpr const char* kModule = "/usr/lib/softhsm/libsofthsm2.so";
  static constexpr const char* kPin = "4711";

  void SetUp() override {
    if (!have_program("softhsm2-util") || !std::filesystem::exists(kModule))
      GTEST_SKIP() << "softhsm2 is not installed";
    if (!std::filesystem::exists("/usr/lib/x86_64-linux-gnu/engines-3/pkcs11.so"))
      GTEST_SKIP() << "libengine-pkcs11-openssl is not installed";
    static const TempFolder token;  // the module keeps its configuration for the whole process
    static const bool ready = fill(token);
    ASSERT_TRUE(ready);
  }
  static bool fill(const TempFolder& token) {
    std::filesystem::create_directory(token.path() / "tokens");
    const Path configuration = token.put(
        "softhsm2.conf", "directories.tokendir = " + (token.path() / "tokens").string() + "\n");
    ::setenv("SOFTHSM2_CONF", configuration.c_str(), 1);
    if (run("softhsm2-util --init-token --free --label s1flow --so-pin 1234 --pin " +
            std::string(kPin) + " 2>&1")
            .exit != 0)
      return false;
    return put(PartyRole::requesting_party, CertificateUse::file_signing, "sign", "A1");
  }
  // softhsm2-util gives imported keys no right to agree on others.
  static bool put_for_agreement(const std::string& label, const std::string& id) {
    const CommandResult done =
        run("pkcs11-tool --module " + std::string(kModule) +
            " --token-label s1flow --login --pin " + kPin + " --write-object " +
            shell_quoted(stem_of(entry_of(PartyRole::dco, CertificateUse::key_agreement)) +
                         ".key.pem") +
            " --type privkey --usage-derive --label " + label + " --id " + id + " 2>&1");
    EXPECT_EQ(done.exit, 0) << done.out;
    return done.exit == 0;
  }
  static bool put(PartyRole role, CertificateUse use, const std::string& label,
                  const std::string& id) {
    const CommandResult done = run(
        "softhsm2-util --token s1flow --pin " + std::string(kPin) + " --label " + label + " --id " +
        id + " --import " + shell_quoted(stem_of(entry_of(role, use)) + ".key.pem") + " 2>&1");
    EXPECT_EQ(done.exit, 0) << done.out;
    return done.exit == 0;
  }
  static std::string uri(const std::string& object) {
    return "pkcs11:token=s1flow;object=" + object + ";type=private?module-path=" + kModule;
  }
};

TEST_F(DeviceTest, SignsWithAKeyThatNeverLeavesIt) {
  const PkiEntry& entry = entry_of(PartyRole::requesting_party, CertificateUse::file_signing);
  const auto key = key_from_pkcs11(uri("sign"), kPin);
  ASSERT_TRUE(key) << key.error().message();
  EXPECT_TRUE(key->public_key() == entry.certificate.public_key());
  EXPECT_FALSE(key->to_pem());  // there is nothing to write
  auto signer = make_xml_signer(entry.certificate, *key);
  ASSERT_TRUE(signer) << signer.error().message();
  Verifier verifier;
  for (const std::string message : {"", "a", "the same", "the same"}) {
    const auto signature = signer->sign(as_bytes(message));
    ASSERT_TRUE(signature) << signature.error().message();
    EXPECT_TRUE(verifier.verify(entry.certificate.public_key(), as_bytes(message), *signature));
    EXPECT_FALSE(verifier.verify(entry.certificate.public_key(), as_bytes("another"), *signature));
  }
}

TEST_F(DeviceTest, OpensWhatWasEncryptedForItsKey) {
  if (!have_program("pkcs11-tool")) GTEST_SKIP() << "opensc is not installed";
  const PkiEntry& entry = entry_of(PartyRole::dco, CertificateUse::key_agreement);
  ASSERT_TRUE(put_for_agreement("agree", "a2"));
  const auto key = key_from_pkcs11(uri("agree"), kPin);
  ASSERT_TRUE(key) << key.error().message();
  const AgreementInfo info = agreement_info(kRequestingParty, kDco);
  const ContentKey content = *ContentKey::generate();
  const auto agreed = wrap_by_agreement(content, entry.certificate.public_key(), info);
  ASSERT_TRUE(agreed);
  const auto opened = unwrap_by_agreement(agreed->ephemeral, agreed->wrapped, *key, info);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(std::equal(opened->bytes().begin(), opened->bytes().end(), content.bytes().begin()));
}

TEST_F(DeviceTest, IsNamedByAFileInAPkiFolder) {
  const TempFolder pki;
  std::filesystem::copy(
      shared_pki_folder(), pki.path(),
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  const Path role = pki.path() / "requesting-party";
  const std::string name = kRequestingParty.text() + ".file-signing";
  std::filesystem::remove(role / (name + ".key.pem"));
  ASSERT_TRUE(write_whole(role / (name + ".key.uri"), uri("sign") + "\n"));
  PkiOptions options;
  options.clock = clock_of_tests();
  options.key_passphrase = kPin;
  const auto loaded = Pki::load(pki.path(), options);
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(loaded->problems().empty()) << loaded->problems()[0].text;
  const PkiAnswer answer = loaded->find_with_key(PartyRole::requesting_party, kRequestingParty,
                                                 CertificateUse::file_signing, options.clock);
  ASSERT_EQ(answer.status, CertificateStatus::ok);
  EXPECT_TRUE(SignatureMaker::make(answer.entry->certificate, answer.entry->key()));
}

TEST_F(DeviceTest, RefusesUnknownObjectsAndWrongUris) {
  EXPECT_FALSE(key_from_pkcs11(uri("nothing"), kPin));
  EXPECT_FALSE(key_from_pkcs11("file:/etc/passwd", kPin));
  EXPECT_FALSE(key_from_pkcs11(uri("sign") + "&pin-value=4711", std::nullopt));
  const auto other =
      key_from_pkcs11("pkcs11:token=s1flow;object=sign?module-path=/nowhere/other.so", kPin);
  ASSERT_FALSE(other);
}

TEST(PkcsUriTest, IsTold) {
  EXPECT_TRUE(is_pkcs11_uri("pkcs11:token=a"));
  EXPECT_FALSE(is_pkcs11_uri("a.key.pem"));
  EXPECT_FALSE(is_pkcs11_uri(""));
}

}  // namespace
}  // namespace s1flow::codecs::crypto
