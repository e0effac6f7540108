#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "codecs/crypto/pki.h"
#include "codecs/crypto/test_pki.h"
#include "tests/codecs/crypto_support.h"

namespace s1flow::codecs::crypto {
namespace {

using namespace testing_support;  // NOLINT: only this file
using testing::Contains;
using testing::Field;
using testing::IsEmpty;

Result<Pki> load(const Path& folder, UtcTime clock = clock_of_tests()) {
  PkiOptions options;
  options.clock = clock;
  return Pki::load(folder, options);
}

TEST(PkiTest, LoadsAWholeTestPkiWithoutProblems) {
  const Pki& pki = shared_pki();
  EXPECT_THAT(pki.problems(), IsEmpty());
  EXPECT_EQ(pki.entries().size(), party_spec(WithRsa::yes).certificates.size());
  for (const PkiEntry& entry : pki.entries()) {
    EXPECT_EQ(entry.status_at(clock_of_tests()), CertificateStatus::ok) << entry.file;
    EXPECT_NE(entry.key().type(), KeyType::none) << entry.file;
    const auto by_issuance =
        pki.find(entry.certificate.issuer(), entry.certificate.serial(), clock_of_tests());
    EXPECT_EQ(by_issuance.entry, &entry);
    const auto by_party = pki.find_with_key(entry.role, entry.eui, entry.use, clock_of_tests());
    EXPECT_EQ(by_party.entry, &entry);
    EXPECT_EQ(by_party.status, CertificateStatus::ok);
  }
}

TEST(PkiTest, SaysUnknownForOtherSerialOtherIssuerAndOtherParty) {
  const Pki& pki = shared_pki();
  const PkiEntry& entry = entry_of(PartyRole::s1sp, CertificateUse::file_signing);
  const auto& serial = entry.certificate.serial();
  const auto other_serial = CertificateSerial(serial.high(), serial.low() + 1);
  const auto other_issuer = *DistinguishedName::parse("CN=U1,OU=07");
  const UtcTime at = clock_of_tests();
  EXPECT_EQ(pki.find(entry.certificate.issuer(), other_serial, at).status,
            CertificateStatus::unknown);
  EXPECT_EQ(pki.find(other_issuer, serial, at).status, CertificateStatus::unknown);
  EXPECT_EQ(pki.find(other_issuer, serial, at).entry, nullptr);
  EXPECT_EQ(pki.find(PartyRole::s1sp, kDco, CertificateUse::file_signing, at).status,
            CertificateStatus::unknown);
  EXPECT_EQ(
      pki.find(PartyRole::requesting_party, kRequestingParty, CertificateUse::key_agreement, at)
          .status,
      CertificateStatus::unknown);
  EXPECT_EQ(Pki().find(entry.certificate.issuer(), serial, at).status, CertificateStatus::unknown);
}

TEST(PkiTest, JudgesTimeByTheClockOfTheQuery) {
  const PkiEntry& entry = entry_of(PartyRole::dcc, CertificateUse::xml_signing);
  const auto status = [&](std::string_view at) { return entry.status_at(*UtcTime::parse(at)); };
  EXPECT_EQ(status("2018-12-31T23:59:59.999Z"), CertificateStatus::not_yet_valid);
  EXPECT_EQ(status("2019-01-01T00:00:00Z"), CertificateStatus::ok);
  EXPECT_EQ(status("2029-01-01T00:00:00.999Z"), CertificateStatus::ok);
  EXPECT_EQ(status("2029-01-01T00:00:01Z"), CertificateStatus::expired);
}

struct FaultCase {
  const char* name;
  CertificateFault fault;
  CertificateStatus status;         // of the certificate
  CertificateStatus status_to_use;  // with its key
  std::optional<PkiProblemKind> problem;
};
class PkiFaultTest : public testing::TestWithParam<FaultCase> {};

TEST_P(PkiFaultTest, IsToldAndDoesNotStopTheLoad) {
  const TempFolder folder;
  TestPkiSpec spec = party_spec(WithRsa::no);
  const auto bad = std::find_if(
      spec.certificates.begin(), spec.certificates.end(), [](const TestCertificate& c) {
        return c.role == PartyRole::s1sp && c.use == CertificateUse::file_signing;
      });
  bad->fault = GetParam().fault;
  const std::string file = "s1sp/" + kS1sp.text() + ".file-signing.pem";
  ASSERT_TRUE(generate_test_pki(spec, folder.path()));
  const auto pki = load(folder.path());
  ASSERT_TRUE(pki);
  ASSERT_EQ(pki->entries().size(), spec.certificates.size());
  const auto entry = std::find_if(pki->entries().begin(), pki->entries().end(),
                                  [&](const PkiEntry& e) { return e.file == file; });
  ASSERT_NE(entry, pki->entries().end());
  EXPECT_EQ(name_of(entry->status_at(clock_of_tests())), name_of(GetParam().status));
  EXPECT_EQ(
      pki->find(entry->certificate.issuer(), entry->certificate.serial(), clock_of_tests()).status,
      GetParam().status);
  EXPECT_EQ(
      pki->find_with_key(PartyRole::s1sp, kS1sp, CertificateUse::file_signing, clock_of_tests())
          .status,
      GetParam().status_to_use);
  if (GetParam().problem) {
    ASSERT_EQ(pki->problems().size(), 1U);
    EXPECT_EQ(pki->problems()[0].kind, *GetParam().problem);
    EXPECT_EQ(pki->problems()[0].file, file);
    EXPECT_FALSE(pki->problems()[0].text.empty());
  } else {
    EXPECT_THAT(pki->problems(), IsEmpty());
  }
  // The neighbours are not affected.
  EXPECT_EQ(
      pki->find_with_key(PartyRole::s1sp, kS1sp, CertificateUse::xml_signing, clock_of_tests())
          .status,
      CertificateStatus::ok);
}
const FaultCase faults_cases[] = {
    {"expired", CertificateFault::expired, CertificateStatus::expired, CertificateStatus::expired,
     PkiProblemKind::not_valid_now},
    {"not_yet_valid", CertificateFault::not_yet_valid, CertificateStatus::not_yet_valid,
     CertificateStatus::not_yet_valid, PkiProblemKind::not_valid_now},
    {"foreign_root", CertificateFault::foreign_root, CertificateStatus::not_trusted,
     CertificateStatus::not_trusted, PkiProblemKind::not_trusted},
    {"wrong_usage", CertificateFault::wrong_usage, CertificateStatus::wrong_usage,
     CertificateStatus::wrong_usage, PkiProblemKind::wrong_usage},
    {"wrong_role", CertificateFault::wrong_role, CertificateStatus::wrong_role,
     CertificateStatus::wrong_role, PkiProblemKind::wrong_role},
    {"other_party", CertificateFault::other_party, CertificateStatus::ok,
     CertificateStatus::unknown, PkiProblemKind::wrong_party},
    {"other_key", CertificateFault::other_key, CertificateStatus::ok, CertificateStatus::no_key,
     PkiProblemKind::key_mismatch},
    {"no_key", CertificateFault::no_key, CertificateStatus::ok, CertificateStatus::no_key,
     std::nullopt},
};
INSTANTIATE_TEST_SUITE_P(Faults, PkiFaultTest, testing::ValuesIn(faults_cases),
                         [](const auto& test) { return std::string(test.param.name); });

class PkiFolderTest : public testing::Test {
 protected:
  PkiFolderTest() {
    TestPkiSpec spec = party_spec(WithRsa::no);
    EXPECT_TRUE(generate_test_pki(spec, folder_.path()));
  }
  [[nodiscard]] std::vector<PkiProblem> problems() const {
    const auto pki = load(folder_.path());
    EXPECT_TRUE(pki);
    if (!pki) return {};
    return {pki->problems().begin(), pki->problems().end()};
  }
  [[nodiscard]] Path file(std::string_view suffix) const {
    return folder_.path() / "dco" / (kDco.text() + std::string(suffix));
  }
  TempFolder folder_;
};

testing::Matcher<const PkiProblem&> problem(PkiProblemKind kind, const std::string& file) {
  return testing::AllOf(Field(&PkiProblem::kind, kind), Field(&PkiProblem::file, file));
}

TEST_F(PkiFolderTest, NamesGarbageFiles) {
  folder_.put("dco/" + kDco.text() + ".key-agreement.pem", "no certificate at all");
  EXPECT_THAT(problems(), Contains(problem(PkiProblemKind::unreadable,
                                           "dco/" + kDco.text() + ".key-agreement.pem")));
}

TEST_F(PkiFolderTest, NamesGarbageKeysWithoutShowingThem) {
  folder_.put("dco/" + kDco.text() + ".key-agreement.key.pem", "hunter2 hunter2");
  const auto all = problems();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].kind, PkiProblemKind::unreadable);
  EXPECT_EQ(all[0].file, "dco/" + kDco.text() + ".key-agreement.key.pem");
  EXPECT_EQ(all[0].text.find("hunter2"), std::string::npos);
}

TEST_F(PkiFolderTest, NamesFilesAndFoldersThatItDoesNotKnow) {
  folder_.put("dco/notes.txt", "");
  folder_.put("dco/dco.key-agreement.pem", "");
  folder_.put("dco/" + kDco.text() + ".signing.pem", "");
  std::filesystem::create_directory(folder_.path() / "suppliers");
  EXPECT_THAT(problems(),
              testing::ElementsAre(
                  problem(PkiProblemKind::unexpected, "dco/" + kDco.text() + ".signing.pem"),
                  problem(PkiProblemKind::unexpected, "dco/dco.key-agreement.pem"),
                  problem(PkiProblemKind::unexpected, "dco/notes.txt"),
                  problem(PkiProblemKind::unexpected, "suppliers")));
}

TEST_F(PkiFolderTest, NamesKeysWithoutCertificateAndKeysThatOthersMayRead) {
  const Path key = file(".key-agreement.key.pem");
  EXPECT_EQ(::chmod(key.c_str(), 0640), 0);
  EXPECT_THAT(problems(),
              Contains(testing::Field(&PkiProblem::kind, PkiProblemKind::key_is_exposed)));
  std::filesystem::remove(file(".key-agreement.pem"));
  EXPECT_THAT(problems(), Contains(testing::Field(&PkiProblem::kind, PkiProblemKind::key_alone)));
}

TEST_F(PkiFolderTest, NamesCopiesOfACertificate) {
  // Under another use of the same party: the certificate says itself what it is for.
  std::filesystem::copy_file(folder_.path() / "s1sp" / (kS1sp.text() + ".key-agreement.pem"),
                             folder_.path() / "dco" / (kS1sp.text() + ".key-agreement.pem"));
  const auto all = problems();
  EXPECT_THAT(all, Contains(Field(&PkiProblem::kind, PkiProblemKind::duplicate)));
  EXPECT_THAT(all, Contains(problem(PkiProblemKind::wrong_role,
                                    "dco/" + kS1sp.text() + ".key-agreement.pem")));
}

TEST_F(PkiFolderTest, DoesNotFollowLinksOrHangOnPipes) {
  const Path link = file(".key-agreement.key.pem");
  std::filesystem::rename(link, folder_.path() / "elsewhere");
  std::filesystem::create_symlink(folder_.path() / "elsewhere", link);
  EXPECT_THAT(problems(), Contains(Field(&PkiProblem::kind, PkiProblemKind::unreadable)));
  std::filesystem::remove(link);
  ASSERT_EQ(::mkfifo(link.c_str(), 0600), 0);
  EXPECT_THAT(problems(), Contains(Field(&PkiProblem::kind, PkiProblemKind::unreadable)));
}

TEST_F(PkiFolderTest, TakesNothingThatCannotBeReadForSomethingThatIsNotThere) {
  // A link to itself can be looked at by nobody, whoever runs this.
  std::filesystem::rename(folder_.path() / "dco", folder_.path() / "elsewhere");
  std::filesystem::create_symlink("dco", folder_.path() / "dco");
  const auto pki = load(folder_.path());
  ASSERT_FALSE(pki);
  EXPECT_EQ(pki.error().kind(), ErrorKind::io);
  EXPECT_NE(pki.error().message().find("/dco: cannot"), std::string::npos);
}

TEST_F(PkiFolderTest, NeedsARoot) {
  std::filesystem::remove(folder_.path() / "ca" / "root.pem");
  const auto pki = load(folder_.path());
  ASSERT_FALSE(pki);
  EXPECT_NE(pki.error().message().find("ca/root.pem"), std::string::npos);
  folder_.put("ca/root.pem", "garbage");
  const auto garbage = load(folder_.path());
  ASSERT_FALSE(garbage);
  EXPECT_NE(garbage.error().message().find("ca/root.pem"), std::string::npos);
}

TEST_F(PkiFolderTest, TrustsNobodyWithoutTheIssuingAuthority) {
  std::filesystem::remove(folder_.path() / "ca" / "issuing.pem");
  const auto pki = load(folder_.path());
  ASSERT_TRUE(pki);
  for (const PkiEntry& entry : pki->entries())
    EXPECT_EQ(entry.status_at(clock_of_tests()), CertificateStatus::not_trusted);
}

TEST_F(PkiFolderTest, AuthorityPeriodsCountToo) {
  // 800 days after the end of the certificates the authorities end as well; a certificate that
  // would last longer ends with them.
  const auto pki = load(folder_.path(), *UtcTime::parse("2040-01-01T00:00:00Z"));
  ASSERT_TRUE(pki);
  for (const PkiEntry& entry : pki->entries()) {
    EXPECT_TRUE(entry.chain().trusted);
    EXPECT_EQ(entry.status_at(*UtcTime::parse("2040-01-01T00:00:00Z")), CertificateStatus::expired);
  }
  EXPECT_EQ(pki->problems().size(), pki->entries().size());
}

TEST_F(PkiFolderTest, CanLeaveTheKeysAlone) {
  PkiOptions options;
  options.clock = clock_of_tests();
  options.load_keys = false;
  const auto pki = Pki::load(folder_.path(), options);
  ASSERT_TRUE(pki);
  EXPECT_EQ(
      pki->find_with_key(PartyRole::dco, kDco, CertificateUse::key_agreement, clock_of_tests())
          .status,
      CertificateStatus::no_key);
}

TEST(PkiTest, AnswersSeveralThreadsAtOnce) {
  const Pki& pki = shared_pki();
  const auto ask = [&pki] {
    Verifier verifier;
    for (int round = 0; round < 20; ++round)
      for (const PkiEntry& entry : pki.entries()) {
        if (!is_signing(entry.use)) continue;
        const auto answer =
            pki.find(entry.certificate.issuer(), entry.certificate.serial(), clock_of_tests());
        auto signature = Signer::make(answer.entry->key())->sign({});
        EXPECT_TRUE(verifier.verify(answer.entry->certificate.public_key(), {}, *signature));
      }
  };
  std::thread other(ask);
  ask();
  other.join();
}

TEST(PkiTest, LoadsAThousandCertificatesWellBelowASecond) {
  const TempFolder folder;
  TestPkiSpec spec = party_spec(WithRsa::no);
  spec.certificates.clear();
  for (std::uint64_t i = 0; i < 200; ++i)
    add_party(spec, PartyRole::supplier, Eui64(0x90B3D51F30020000 + i));
  ASSERT_EQ(spec.certificates.size(), 1000U);
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(generate_test_pki(spec, folder.path()));
  const auto made = std::chrono::steady_clock::now();
  const auto pki = load(folder.path());
  const auto loaded = std::chrono::steady_clock::now();
  ASSERT_TRUE(pki);
  EXPECT_THAT(pki->problems(), IsEmpty());
  using Seconds = std::chrono::duration<double>;
  // Generous, for sanitizers and busy machines; the figures are in docs/formats/test-pki.md.
  EXPECT_LT(Seconds(loaded - made).count(), 10.0);
  RecordProperty("generate_ms", static_cast<int>(Seconds(made - start).count() * 1000));
  RecordProperty("load_ms", static_cast<int>(Seconds(loaded - made).count() * 1000));
}

TEST(TestPkiTest, SameSeedGivesSameSerialsNamesAndPeriods) {
  const TempFolder first;
  const TempFolder second;
  TestPkiSpec spec = party_spec(WithRsa::no);
  ASSERT_TRUE(generate_test_pki(spec, first.path()));
  std::reverse(spec.certificates.begin(), spec.certificates.end());
  ASSERT_TRUE(generate_test_pki(spec, second.path()));
  const auto a = load(first.path());
  const auto b = load(second.path());
  ASSERT_TRUE(a);
  ASSERT_TRUE(b);
  ASSERT_EQ(a->entries().size(), b->entries().size());
  for (std::size_t i = 0; i < a->entries().size(); ++i) {
    const Certificate& one = a->entries()[i].certificate;
    const Certificate& two = b->entries()[i].certificate;
    EXPECT_EQ(one.serial(), two.serial());
    EXPECT_EQ(one.subject(), two.subject());
    EXPECT_EQ(one.valid_until(), two.valid_until());
  }
  const TempFolder third;
  spec.seed += 1;
  ASSERT_TRUE(generate_test_pki(spec, third.path()));
  const auto c = load(third.path());
  EXPECT_NE(a->entries()[0].certificate.serial(), c->entries()[0].certificate.serial());
}

TEST(TestPkiTest, SerialsHave127BitsButForXmlSigningByTheS1sp) {
  for (const PkiEntry& entry : shared_pki().entries()) {
    const CertificateSerial& serial = entry.certificate.serial();
    if (entry.role == PartyRole::s1sp && entry.use == CertificateUse::xml_signing) {
      EXPECT_EQ(serial.high(), 0U);
      EXPECT_EQ(serial.low() >> 63, 0U);
    } else {
      EXPECT_EQ(serial.high() >> 62, 1U) << entry.file;
    }
  }
}

TEST(TestPkiTest, PrivateKeysAreForTheOwnerOnly) {
  const auto& folder = shared_pki_folder();
  int keys = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    if (!file.path().native().ends_with(".key.pem")) continue;
    ++keys;
    EXPECT_EQ(file.status().permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
        << file.path();
  }
  EXPECT_EQ(keys, static_cast<int>(shared_pki().entries().size()) + 2);  // and both authorities
}

TEST(TestPkiTest, RefusesWishesThatMakeNoSense) {
  const TempFolder folder;
  TestPkiSpec spec = party_spec(WithRsa::no);
  spec.certificates.push_back({PartyRole::dco, CertificateUse::file_signing, kDco});
  EXPECT_FALSE(generate_test_pki(spec, folder.path() / "a"));
  spec.certificates.back() = spec.certificates.front();
  EXPECT_FALSE(generate_test_pki(spec, folder.path() / "b"));
  spec.certificates.pop_back();
  EXPECT_TRUE(generate_test_pki(spec, folder.path() / "c"));
  EXPECT_FALSE(generate_test_pki(spec, folder.path() / "c")) << "nothing is overwritten";
}

TEST(TestPkiTest, ChainIsGoodForOpensslToo) {
  const std::string ca = (shared_pki_folder() / "ca").string();
  if (!have_program("openssl")) GTEST_SKIP() << "the openssl program is not installed";
  for (const PkiEntry& entry : shared_pki().entries()) {
    const auto verified =
        run("openssl verify -x509_strict -no_check_time -CAfile " + shell_quoted(ca + "/root.pem") +
            " -untrusted " + shell_quoted(ca + "/issuing.pem") + " " +
            shell_quoted(stem_of(entry) + ".pem") + " 2>&1");
    EXPECT_EQ(verified.exit, 0) << verified.out;
  }
}

}  // namespace
}  // namespace s1flow::codecs::crypto
