// Revocation lists of a pki folder: who is revoked, since when, and what a list is worth that is
// old, forged or of the wrong kind.

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codecs/crypto/pki.h"
#include "codecs/crypto/revocation_list.h"
#include "codecs/crypto/test_pki.h"
#include "core/text.h"
#include "tests/codecs/crypto_support.h"

namespace s1flow::codecs::crypto {
namespace {

using namespace testing_support;  // NOLINT: only this file
using testing::Contains;
using testing::Field;

constexpr auto kDay = std::chrono::hours(24);

class RevocationTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(generate_test_pki(party_spec(WithRsa::no), folder_.path()));
    issuing_ = authority("issuing");
    root_ = authority("root");
    issuing_key_ = key_of("issuing");
    root_key_ = key_of("root");
    signer_ = read("s1sp/" + kS1sp.text() + ".file-signing.pem");
    other_ = read("dco/" + kDco.text() + ".key-agreement.pem");
  }

  [[nodiscard]] Certificate read(const std::string& name) const {
    return *Certificate::from_pem(*read_text(folder_.path() / name));
  }
  [[nodiscard]] Certificate authority(const std::string& name) const {
    return read("ca/" + name + ".pem");
  }
  [[nodiscard]] PrivateKey key_of(const std::string& name) const {
    return *PrivateKey::from_pem(*read_text(folder_.path() / ("ca/" + name + ".key.pem")));
  }

  // A list from ten days before the tests' clock until ten days after.
  void list(const std::string& name, const std::vector<RevokedCertificate>& revoked,
            std::chrono::hours from = -10 * kDay, std::chrono::hours until = 10 * kDay) {
    put(name,
        *make_revocation_list(issuing_, issuing_key_, now_.plus(from), now_.plus(until), revoked));
  }
  void put(const std::string& name, std::string_view bytes) const {
    ASSERT_TRUE(write_whole(folder_.path() / "ca" / name, bytes, Overwrite::yes));
  }

  [[nodiscard]] Pki load(RevocationPolicy policy = RevocationPolicy::listed) const {
    PkiOptions options;
    options.clock = now_;
    options.revocation = policy;
    return *Pki::load(folder_.path(), options);
  }
  [[nodiscard]] CertificateStatus status(const Certificate& c,
                                         RevocationPolicy policy = RevocationPolicy::listed) const {
    return load(policy).find(c.issuer(), c.serial(), now_).status;
  }

  TempFolder folder_;
  UtcTime now_ = clock_of_tests();
  Certificate issuing_, root_, signer_, other_;
  PrivateKey issuing_key_, root_key_;
};

TEST_F(RevocationTest, RefusesWhatTheListNamesAndNothingElse) {
  list("issuing.crl.pem", {{signer_.serial(), now_.plus(-kDay)}});
  EXPECT_EQ(status(signer_), CertificateStatus::revoked);
  EXPECT_EQ(status(other_), CertificateStatus::ok);
  EXPECT_THAT(load().problems(), Contains(Field(&PkiProblem::kind, PkiProblemKind::revoked)));
}

TEST_F(RevocationTest, CountsFromTheDayOfTheRevocation) {
  list("issuing.crl.pem", {{signer_.serial(), now_.plus(kDay)}});
  const Pki pki = load();
  const auto at = [&](UtcTime t) { return pki.find(signer_.issuer(), signer_.serial(), t).status; };
  EXPECT_EQ(at(now_), CertificateStatus::ok);
  EXPECT_EQ(at(now_.plus(kDay).plus(-std::chrono::milliseconds(1))), CertificateStatus::ok);
  EXPECT_EQ(at(now_.plus(kDay)), CertificateStatus::revoked);
}

TEST_F(RevocationTest, KnowsNothingBeforeAndAfterThePeriodOfTheList) {
  list("issuing.crl.pem", {});
  const Pki pki = load();
  const auto at = [&](UtcTime t) { return pki.find(signer_.issuer(), signer_.serial(), t).status; };
  EXPECT_EQ(at(now_.plus(-10 * kDay)), CertificateStatus::ok);
  EXPECT_EQ(at(now_.plus(-10 * kDay).plus(-std::chrono::seconds(1))),
            CertificateStatus::revocation_unknown);
  EXPECT_EQ(at(now_.plus(10 * kDay)), CertificateStatus::ok);
  EXPECT_EQ(at(now_.plus(10 * kDay).plus(std::chrono::seconds(1))),
            CertificateStatus::revocation_unknown);
}

TEST_F(RevocationTest, FailsClosedOnAnOldListUnlessToldOtherwise) {
  list("issuing.crl.pem", {{other_.serial(), now_.plus(-3 * kDay)}}, -4 * kDay, -2 * kDay);
  EXPECT_EQ(status(signer_), CertificateStatus::revocation_unknown);
  EXPECT_EQ(status(signer_, RevocationPolicy::stale_too), CertificateStatus::ok);
  EXPECT_EQ(status(other_, RevocationPolicy::stale_too), CertificateStatus::revoked);
  EXPECT_THAT(load().problems(), Contains(Field(&PkiProblem::kind, PkiProblemKind::stale_list)));
}

TEST_F(RevocationTest, WantsAListOfEveryAuthorityWhenTheyAreRequired) {
  EXPECT_EQ(status(signer_), CertificateStatus::ok);
  EXPECT_EQ(status(signer_, RevocationPolicy::required), CertificateStatus::revocation_unknown);
  list("issuing.crl.pem", {});
  EXPECT_EQ(status(signer_, RevocationPolicy::required), CertificateStatus::revocation_unknown);
  put("root.crl.pem", *make_revocation_list(root_, root_key_, now_, now_.plus(kDay), {}));
  EXPECT_EQ(status(signer_, RevocationPolicy::required), CertificateStatus::ok);
}

TEST_F(RevocationTest, ARevokedAuthorityTakesAllBelowItAlong) {
  put("root.crl.pem", *make_revocation_list(root_, root_key_, now_.plus(-kDay), now_.plus(kDay),
                                            {{issuing_.serial(), now_.plus(-kDay)}}));
  EXPECT_EQ(status(signer_), CertificateStatus::revoked);
  EXPECT_EQ(status(other_), CertificateStatus::revoked);
}

TEST_F(RevocationTest, TakesTheNewestOfSeveralLists) {
  list("issuing.crl.pem", {}, -5 * kDay, 10 * kDay);
  list("newer.crl.pem", {{signer_.serial(), now_.plus(-kDay)}}, -kDay, 10 * kDay);
  EXPECT_EQ(status(signer_), CertificateStatus::revoked);
}

TEST_F(RevocationTest, LeavesOutAListThatNoAuthorityHasSigned) {
  const PrivateKey stranger = *PrivateKey::generate(NewKey::p256);
  put("forged.crl.pem", *make_revocation_list(issuing_, stranger, now_.plus(-kDay), now_.plus(kDay),
                                              {{signer_.serial(), now_.plus(-kDay)}}));
  EXPECT_EQ(status(signer_), CertificateStatus::ok);
  const auto pki = load();
  ASSERT_EQ(pki.problems().size(), 1U);
  EXPECT_EQ(pki.problems()[0].kind, PkiProblemKind::not_trusted);
  EXPECT_EQ(pki.problems()[0].file, "ca/forged.crl.pem");
}

TEST_F(RevocationTest, ReadsDerAsWell) {
  const std::string pem = *make_revocation_list(issuing_, issuing_key_, now_.plus(-kDay),
                                                now_.plus(kDay), {{signer_.serial(), now_}});
  const std::size_t begin = pem.find('\n');
  put("issuing.crl", *decode_base64(pem.substr(begin, pem.rfind("-----END") - begin)));
  EXPECT_EQ(status(signer_), CertificateStatus::revoked);
}

TEST_F(RevocationTest, SaysWhichListCannotBeRead) {
  for (const std::string bytes : {"", "no list", "-----BEGIN X509 CRL-----\nAAAA\n",
                                  "-----BEGIN X509 CRL-----\n!!!!\n-----END X509 CRL-----\n"}) {
    put("bad.crl.pem", bytes);
    const auto pki = load();
    ASSERT_EQ(pki.problems().size(), 1U) << bytes;
    EXPECT_EQ(pki.problems()[0].kind, PkiProblemKind::unreadable);
    EXPECT_EQ(pki.problems()[0].file, "ca/bad.crl.pem");
    EXPECT_EQ(status(signer_), CertificateStatus::ok);
  }
}

TEST_F(RevocationTest, ReadsEveryTruncationAndBitOfAListWithoutTakingAnother) {
  const std::string pem = *make_revocation_list(issuing_, issuing_key_, now_.plus(-kDay),
                                                now_.plus(kDay), {{signer_.serial(), now_}});
  const std::size_t begin = pem.find('\n');
  const std::string der = *decode_base64(pem.substr(begin, pem.rfind("-----END") - begin));
  ASSERT_TRUE(RevocationList::from_bytes(der));
  for (std::size_t i = 0; i < der.size(); ++i) {
    EXPECT_FALSE(RevocationList::from_bytes(der.substr(0, i))) << i;
    std::string changed = der;
    changed[i] = static_cast<char>(changed[i] ^ 0x04);
    if (const auto other = RevocationList::from_bytes(changed); other)
      EXPECT_FALSE(other->signed_by(issuing_)) << i;
  }
  EXPECT_FALSE(RevocationList::from_bytes(der + '\0'));
}

TEST_F(RevocationTest, FaultsOfTheTestPkiHaveTheirStatus) {
  const TempFolder folder;
  TestPkiSpec spec = party_spec(WithRsa::no);
  const Eui64 revoked(0x90B3D51F30000201), stale(0x90B3D51F30000202);
  spec.certificates.push_back(
      {PartyRole::s1sp, CertificateUse::file_signing, revoked, CertificateFault::revoked});
  spec.certificates.push_back(
      {PartyRole::s1sp, CertificateUse::file_signing, stale, CertificateFault::stale_list});
  ASSERT_TRUE(generate_test_pki(spec, folder.path()));
  PkiOptions options;
  options.clock = now_;
  const auto pki = Pki::load(folder.path(), options);
  ASSERT_TRUE(pki);
  const auto status = [&](Eui64 eui) {
    return pki->find(PartyRole::s1sp, eui, CertificateUse::file_signing, now_).status;
  };
  EXPECT_EQ(status(revoked), CertificateStatus::revoked);
  EXPECT_EQ(status(stale), CertificateStatus::revocation_unknown);
  EXPECT_EQ(status(kS1sp), CertificateStatus::ok);
}

}  // namespace
}  // namespace s1flow::codecs::crypto
