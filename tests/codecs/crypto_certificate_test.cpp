#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "codecs/crypto/certificate.h"
#include "codecs/crypto/certificate_maker.h"
#include "codecs/crypto/party.h"
#include "core/text.h"
#include "tests/codecs/crypto_support.h"

namespace s1flow::codecs::crypto {
namespace {

using testing_support::entry_of;
using testing_support::run;
using testing_support::shell_quoted;
using testing_support::stem_of;

struct NameCase {
  const char* name;
  std::string_view a;
  std::string_view b;
  bool equal;
};
class NameComparisonTest : public testing::TestWithParam<NameCase> {};

TEST_P(NameComparisonTest, ComparesNamesAndNotText) {
  const auto a = DistinguishedName::parse(GetParam().a);
  const auto b = DistinguishedName::parse(GetParam().b);
  ASSERT_TRUE(a);
  ASSERT_TRUE(b);
  EXPECT_EQ(*a == *b, GetParam().equal) << a->text() << " and " << b->text();
}
const NameCase names_cases[] = {
    {"blank_after_comma", "CN=Z1,OU=07", "CN=Z1, OU=07", true},
    {"blanks_everywhere", "CN=Z1,OU=07", "  CN = Z1 ,\n OU\t=07  ", true},
    {"keyword_case", "CN=Z1,OU=07", "cn=Z1,ou=07", true},
    {"object_identifier", "CN=Z1,OU=07", "2.5.4.3=Z1,OID.2.5.4.11=07", true},
    {"semicolon", "CN=Z1,OU=07", "CN=Z1;OU=07", true},
    {"quotes", "CN=Z1,OU=07", "CN=\"Z1\",OU=\"07\"", true},
    {"quoted_comma", "CN=a\\,b", "CN=\"a,b\"", true},
    {"hex_escape", "CN=a\\,b", "CN=a\\2Cb", true},
    {"hex_of_string", "CN=Z1", "CN=#0C025A31", true},
    {"hex_case", "2.5.4.45=#030200ff", "2.5.4.45=#030200FF", true},
    {"several_values", "CN=a+OU=b,O=c", "OU=b + CN=a,O=c", true},
    {"state_keywords", "S=x", "ST=x", true},
    {"utf8_escape", "CN=\\C4\\8D", "CN=\xC4\x8D", true},
    {"order", "CN=Z1,OU=07", "OU=07,CN=Z1", false},
    {"value_case", "CN=Z1,OU=07", "CN=z1,OU=07", false},
    {"other_value", "CN=Z1,OU=07", "CN=Z1,OU=70", false},
    {"part_missing", "CN=Z1,OU=07", "CN=Z1", false},
    {"parts_joined", "CN=Z1,OU=07", "CN=Z1+OU=07", false},
    {"comma_in_value", "CN=Z1,OU=07", "CN=Z1\\,OU=07", false},
    {"inner_blank", "CN=Z 1", "CN=Z1", false},
    {"escaped_blank_at_end", "CN=Z1\\ ", "CN=Z1 ", false},
    {"text_like_hex", "CN=\\#0C025A31", "CN=#0C025A31", false},
};
INSTANTIATE_TEST_SUITE_P(Names, NameComparisonTest, testing::ValuesIn(names_cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(DistinguishedNameTest, RefusesWhatIsNoName) {
  for (const std::string_view text : {"",           " ",      "CN",           "CN=",     "=Z1",
                                      "CN=Z1,",     ",CN=Z1", "CN=Z1,,OU=07", "XX=Z1",   "CN=\"Z1",
                                      "CN=\"Z1\"x", "CN=a<b", "CN=a\\",       "CN=a\\0", "CN=a\\zz",
                                      "CN=#",       "CN=#0",  "CN=#zz",       "2..5=x",  "2.5.=x",
                                      "CN=\xFF",    "CN=Z1+", "Cn=Z1"})
    EXPECT_FALSE(DistinguishedName::parse(text)) << text;
  EXPECT_FALSE(DistinguishedName::parse("CN=" + std::string(DistinguishedName::kMaxText, 'a')));
  EXPECT_FALSE(DistinguishedName::parse(std::string_view("CN=a\0=", 6)) ==
               DistinguishedName::parse("CN=a"));
}

TEST(DistinguishedNameTest, NormalTextReadsBackEqual) {
  for (const std::string_view text :
       {"CN=Z1,OU=07", "CN=\\ a\\ ,O=\\#b", "CN=a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h", "CN=tab\\09here",
        "CN=a+OU=b,O=c", "1.2.3.4=#0403010203"}) {
    const auto name = DistinguishedName::parse(text);
    ASSERT_TRUE(name) << text;
    const auto again = DistinguishedName::parse(name->text());
    ASSERT_TRUE(again) << name->text();
    EXPECT_EQ(*again, *name);
    EXPECT_EQ(again->text(), name->text());
  }
}

TEST(CertificateTest, TellsTheFieldsOfAnOrganisationCertificate) {
  const PkiEntry& entry = entry_of(PartyRole::supplier, CertificateUse::key_agreement);
  const Certificate& certificate = entry.certificate;
  EXPECT_EQ(certificate.issuer().text(), "CN=Z1,OU=07");
  EXPECT_EQ(certificate.eui(), testing_support::kSupplier);  // its zero bits at the end are kept
  EXPECT_EQ(certificate.role_code(), 2U);
  EXPECT_TRUE(certificate.key_usage().key_agreement);
  EXPECT_FALSE(certificate.key_usage().digital_signature);
  EXPECT_EQ(certificate.valid_from().text(), "2019-01-01T00:00:00Z");
  EXPECT_EQ(certificate.valid_until().text(), "2029-01-01T00:00:00Z");
  EXPECT_TRUE(certificate.public_key() == entry.key().public_key());
  EXPECT_EQ(certificate.sha1(), sha1_of(certificate.der()));
}

TEST(CertificateTest, AgreesWithOpenssl) {
  const PkiEntry& entry = entry_of(PartyRole::s1sp, CertificateUse::xml_signing);
  const std::string file = shell_quoted(stem_of(entry) + ".pem");
  const auto text =
      run("openssl x509 -noout -issuer -serial -fingerprint -sha1 -nameopt RFC2253 "
          "-in " +
          file + " 2>/dev/null");
  if (text.exit != 0) GTEST_SKIP() << "the openssl program is not installed";
  EXPECT_NE(text.out.find("issuer=" + entry.certificate.issuer().text()), std::string::npos);
  std::string serial;
  entry.certificate.serial().append_hex_to(serial);
  serial.erase(0, serial.find_first_not_of('0'));
  EXPECT_NE(text.out.find("serial=" + serial), std::string::npos) << text.out;
  std::string sha1;
  append_hex(sha1, entry.certificate.sha1());
  std::string plain = text.out;
  std::erase(plain, ':');
  EXPECT_NE(plain.find(sha1), std::string::npos);
}

TEST(CertificateTest, HasTheSmkiShape) {
  const PkiEntry& entry = entry_of(PartyRole::requesting_party, CertificateUse::file_signing);
  const auto text = run("openssl x509 -noout -text -in " + shell_quoted(stem_of(entry) + ".pem") +
                        " 2>/dev/null");
  if (text.exit != 0) GTEST_SKIP() << "the openssl program is not installed";
  for (const std::string_view wanted :
       {"Version: 3", "ecdsa-with-SHA256", "prime256v1", "Issuer: OU = 07, CN = Z1",
        "X509v3 Key Usage: critical\n                Digital Signature\n",
        "X509v3 Certificate Policies: critical\n                Policy: 2.999.1.17.1\n"})
    EXPECT_NE(text.out.find(wanted), std::string::npos) << wanted << "\n" << text.out;
  // Key identifiers of eight octets: 40-4F first (method 2 of RFC 5280).
  const std::size_t id = text.out.find("Subject Key Identifier:");
  ASSERT_NE(id, std::string::npos);
  const std::string line = text.out.substr(text.out.find('\n', id) + 1);
  EXPECT_EQ(std::string(trim(line.substr(0, line.find('\n')))).size(), 23U);
}

TEST(CertificateTest, SurvivesPem) {
  const Certificate& certificate =
      entry_of(PartyRole::dco, CertificateUse::key_encipherment).certificate;
  EXPECT_EQ(certificate.public_key().type(), KeyType::rsa);
  const auto again = Certificate::from_pem("a comment\n" + certificate.to_pem() + "\nmore\n");
  ASSERT_TRUE(again);
  EXPECT_TRUE(std::ranges::equal(again->der(), certificate.der()));
}

TEST(CertificateTest, RefusesDamage) {
  const std::string pem =
      entry_of(PartyRole::dco, CertificateUse::key_agreement).certificate.to_pem();
  EXPECT_FALSE(Certificate::from_pem(""));
  EXPECT_FALSE(Certificate::from_pem(pem + pem));
  for (std::size_t size = 0; size + 5 < pem.size(); size += 13)
    EXPECT_FALSE(Certificate::from_pem(pem.substr(0, size))) << size;
  std::string junk = pem;
  junk[pem.size() / 2] = '!';
  EXPECT_FALSE(Certificate::from_pem(junk));
}

struct ShapeCase {
  const char* name;
  void (*change)(CertificateRequest&);
  bool (*holds)(const Certificate&);
};
class CertificateShapeTest : public testing::TestWithParam<ShapeCase> {};

TEST_P(CertificateShapeTest, IsSeen) {
  const auto key = *PrivateKey::generate(NewKey::p256);
  CertificateRequest request;
  request.serial = CertificateSerial(0, 1);
  request.usage.digital_signature = true;
  request.valid_from = *UtcTime::parse("2019-01-01T00:00:00Z");
  request.valid_until = *UtcTime::parse("2020-01-01T00:00:00Z");
  GetParam().change(request);
  const auto certificate = make_certificate(request, key.public_key(), Certificate(), key);
  ASSERT_TRUE(certificate);
  EXPECT_TRUE(GetParam().holds(*certificate));
}
const ShapeCase shapes_cases[] = {
    {"no_eui", [](CertificateRequest&) {},
     [](const Certificate& c) { return !c.eui().has_value(); }},
    {"high_role", [](CertificateRequest& r) { r.role_code = 0x89; },
     [](const Certificate& c) { return c.role_code() == 0x89U; }},
    {"longest_serial",
     [](CertificateRequest& r) {
       r.serial = CertificateSerial(0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF);
     },
     [](const Certificate& c) {
       return c.serial().decimal() == "170141183460469231731687303715884105727";
     }},
    {"never_ends",
     [](CertificateRequest& r) { r.valid_until = UtcTime::from_milliseconds(253402300799000); },
     [](const Certificate& c) { return c.valid_until().text() == "9999-12-31T23:59:59Z"; }},
    {"comma_in_name", [](CertificateRequest& r) { r.common_name = "a,b"; },
     [](const Certificate& c) { return c.issuer().text() == "CN=a\\,b,OU=00"; }},
};
INSTANTIATE_TEST_SUITE_P(Shapes, CertificateShapeTest, testing::ValuesIn(shapes_cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(PartyTest, EveryKindHasANameThatReadsBack) {
  for (const CertificateKind& kind : kCertificateKinds) {
    EXPECT_EQ(parse_party_role(name_of(kind.role)), kind.role);
    EXPECT_EQ(parse_certificate_use(name_of(kind.use)), kind.use);
    EXPECT_EQ(find_certificate_kind(kind.role, kind.use), &kind) << "listed twice";
  }
  EXPECT_FALSE(parse_party_role("S1SP"));
  EXPECT_FALSE(parse_certificate_use(""));
}

}  // namespace
}  // namespace s1flow::codecs::crypto
