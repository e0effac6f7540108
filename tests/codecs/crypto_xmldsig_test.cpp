// Making and verifying signatures: signers, digests and values.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "codecs/crypto/certificate_maker.h"
#include "codecs/crypto/xmldsig.h"
#include "core/text.h"
#include "tests/codecs/xmldsig_support.h"

namespace s1flow::codecs::crypto {
namespace {

using namespace testing_support;  // NOLINT: only this file

TEST(SignatureMakerTest, MakesWhatTheCheckerAccepts) {
  const Verdict verdict = judge(make_signature());
  EXPECT_EQ(verdict.outcome, SignatureOutcome::ok) << verdict.why;
}

TEST(SignatureMakerTest, WritesSignedInfoInItsCanonicalForm) {
  SignatureReader reader;
  ParsedSignature parsed;
  const std::string signature = make_signature();
  ASSERT_EQ(reader.read(signature, {}, parsed).outcome, SignatureOutcome::ok);
  // In place it lacks only the declaration that stands on Signature.
  EXPECT_NE(signature.find(replaced(parsed.signed_info,
                                    " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"", "")),
            std::string::npos);
  EXPECT_EQ(signature.find('\n'), std::string::npos);
  SmallXml xml;
  ASSERT_EQ(xml.read(signature, {}), XmlFault::none);
  std::string whole;
  xml.append_exclusive_c14n(xml.root(), whole);
  EXPECT_EQ(whole, signature);
}

TEST(SignatureMakerTest, SignsMessagesInPlace) {
  const PkiEntry& entry = entry_of(PartyRole::requesting_party, CertificateUse::file_signing);
  auto maker = SignatureMaker::make(entry.certificate, entry.key());
  ASSERT_TRUE(maker);
  for (const std::string_view before :
       {"", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<?xml version=\"1.0\"?>\n"}) {
    std::string message = std::string(before) + std::string(kDocument);
    ASSERT_TRUE(maker->sign_message(message));
    const std::string signature = cut_signature(message);
    EXPECT_EQ(message, std::string(before) + with_signature(signature));
    EXPECT_EQ(judge(signature).outcome, SignatureOutcome::ok);
  }
}

TEST(SignatureMakerTest, RefusesToSignWhatIsNoMessage) {
  const PkiEntry& entry = entry_of(PartyRole::requesting_party, CertificateUse::file_signing);
  auto maker = SignatureMaker::make(entry.certificate, entry.key());
  ASSERT_TRUE(maker);
  for (const std::string_view text :
       {"", "text", "<a/>", "<a></b>", "<a></a>\n", "<!-- c --><a></a>", "<?p?><a></a>",
        "<?xml version=\"1.0\"", "<a", "<a></a", "<a></ab>", "<ab></a>"}) {
    std::string message(text);
    EXPECT_FALSE(maker->sign_message(message)) << text;
    EXPECT_EQ(message, text);
  }
}

TEST(SignatureMakerTest, NeedsAMatchingSigningKey) {
  const PkiEntry& signing = entry_of(PartyRole::s1sp, CertificateUse::file_signing);
  const PkiEntry& other = entry_of(PartyRole::dcc, CertificateUse::xml_signing);
  const PkiEntry& agreement = entry_of(PartyRole::s1sp, CertificateUse::key_agreement);
  const PkiEntry& rsa = entry_of(PartyRole::s1sp, CertificateUse::key_encipherment);
  EXPECT_FALSE(SignatureMaker::make(signing.certificate, other.key()));
  EXPECT_FALSE(SignatureMaker::make(agreement.certificate, agreement.key()));
  EXPECT_FALSE(SignatureMaker::make(rsa.certificate, rsa.key()));
  EXPECT_FALSE(SignatureMaker::make(signing.certificate, PrivateKey()));
  EXPECT_FALSE(SignatureMaker::make(Certificate(), signing.key()));
}

TEST(SignatureCheckerTest, FindsEveryChangeOfTheDocument) {
  const std::string signature = make_signature();
  for (std::size_t i = 0; i < kDocument.size(); ++i) {
    std::string changed(kDocument);
    changed[i] ^= 1;
    EXPECT_EQ(judge(signature, {}, sha256_of(as_bytes(changed))).outcome,
              SignatureOutcome::digest_mismatch);
  }
}

TEST(SignatureCheckerTest, FindsADigestThatWasPutInItsPlace) {
  const std::string other = replaced(std::string(kDocument), "x &amp; y", "x &amp; z");
  const Sha256Digest digest = sha256_of(as_bytes(other));
  std::string old_value;
  append_base64(old_value, document_digest());
  std::string new_value;
  append_base64(new_value, digest);
  const std::string forged = replaced(make_signature(), old_value, new_value);
  EXPECT_EQ(judge(forged, {}, digest).outcome, SignatureOutcome::value_invalid);
}

struct SignerCase {
  const char* name;
  PartyRole role;
  CertificateUse use;
  RequiredSigner required;
  SignatureOutcome outcome;
};
class SignerTest : public testing::TestWithParam<SignerCase> {};

TEST_P(SignerTest, MustBeTheOneThatIsRequired) {
  const auto& c = GetParam();
  const Verdict verdict = judge(make_signature(c.role, c.use), {}, document_digest(), c.required);
  EXPECT_EQ(name_of(verdict.outcome), name_of(c.outcome));
}
const SignerCase roles_cases[] = {
    {"role_and_party",
     PartyRole::s1sp,
     CertificateUse::file_signing,
     {CertificateUse::file_signing, {PartyRole::s1sp}, kS1sp},
     SignatureOutcome::ok},
    {"any_party",
     PartyRole::s1sp,
     CertificateUse::file_signing,
     {CertificateUse::file_signing, {PartyRole::s1sp}, std::nullopt},
     SignatureOutcome::ok},
    {"one_of_two_roles",
     PartyRole::supplier,
     CertificateUse::xml_signing,
     {CertificateUse::xml_signing,
      {PartyRole::commissioning_party, PartyRole::supplier},
      std::nullopt},
     SignatureOutcome::ok},
    {"other_role",
     PartyRole::s1sp,
     CertificateUse::file_signing,
     {CertificateUse::file_signing, {PartyRole::requesting_party}, std::nullopt},
     SignatureOutcome::signer_role},
    {"other_use_of_the_role",
     PartyRole::s1sp,
     CertificateUse::xml_signing,
     {CertificateUse::file_signing, {PartyRole::s1sp}, kS1sp},
     SignatureOutcome::signer_role},
    {"no_role_is_right",
     PartyRole::s1sp,
     CertificateUse::file_signing,
     {CertificateUse::file_signing, {}, std::nullopt},
     SignatureOutcome::signer_role},
    {"other_party",
     PartyRole::s1sp,
     CertificateUse::file_signing,
     {CertificateUse::file_signing, {PartyRole::s1sp}, kDco},
     SignatureOutcome::signer_party},
    {"device_key_of_a_supplier",
     PartyRole::supplier,
     CertificateUse::digital_signing,
     {CertificateUse::xml_signing, {PartyRole::supplier}, kSupplier},
     SignatureOutcome::signer_role},
};
INSTANTIATE_TEST_SUITE_P(Roles, SignerTest, testing::ValuesIn(roles_cases),
                         [](const auto& test) { return std::string(test.param.name); });

// A good signature whose KeyInfo names another certificate.
std::string naming(const PkiEntry& entry) {
  const PkiEntry& signer = entry_of(PartyRole::requesting_party, CertificateUse::file_signing);
  return replaced(make_signature(), signer.certificate.serial().decimal(),
                  entry.certificate.serial().decimal());
}

TEST(SignatureCheckerTest, TakesTheKeyFromTheNamedCertificateOnly) {
  const auto required = [](const PkiEntry& e) { return RequiredSigner{e.use, {e.role}, e.eui}; };
  const PkiEntry& other = entry_of(PartyRole::s1sp, CertificateUse::file_signing);
  EXPECT_EQ(judge(naming(other), {}, document_digest(), required(other)).outcome,
            SignatureOutcome::value_invalid);
  for (const CertificateUse use :
       {CertificateUse::key_agreement, CertificateUse::key_encipherment}) {
    const PkiEntry& entry = entry_of(PartyRole::s1sp, use);
    EXPECT_EQ(judge(naming(entry), {}, document_digest(), required(entry)).outcome,
              SignatureOutcome::signer_usage);
  }
}

TEST(SignatureCheckerTest, CannotCheckUnknownSigners) {
  const PkiEntry& signer = entry_of(PartyRole::requesting_party, CertificateUse::file_signing);
  const std::string serial = signer.certificate.serial().decimal();
  EXPECT_EQ(judge(replaced(make_signature(), serial, "1" + serial.substr(1, 20))).outcome,
            SignatureOutcome::signer_unknown);
  EXPECT_EQ(judge(replaced(make_signature(), "CN=Z1", "CN=Z2")).outcome,
            SignatureOutcome::signer_unknown);
  EXPECT_EQ(judge(replaced(make_signature(), "CN=Z1,OU=07", "OU=07,CN=Z1")).outcome,
            SignatureOutcome::signer_unknown);
}

struct FaultySignerCase {
  const char* name;
  CertificateFault fault;
  SignatureOutcome outcome;
};
class FaultySignerTest : public testing::TestWithParam<FaultySignerCase> {};

TEST_P(FaultySignerTest, IsRefusedForItsReason) {
  const TempFolder folder;
  TestPkiSpec spec = party_spec(WithRsa::no);
  for (TestCertificate& c : spec.certificates)
    if (c.role == PartyRole::requesting_party) c.fault = GetParam().fault;
  ASSERT_TRUE(generate_test_pki(spec, folder.path()));
  PkiOptions options;
  options.clock = clock_of_tests();
  const auto pki = Pki::load(folder.path(), options);
  ASSERT_TRUE(pki);
  for (const PkiEntry& entry : pki->entries()) {
    if (entry.role != PartyRole::requesting_party) continue;
    std::string signature;
    if (entry.certificate.key_usage().digital_signature) {
      signature = make_signature(entry.certificate, entry.key());
    } else {
      signature = replaced(make_signature(),
                           entry_of(PartyRole::requesting_party, CertificateUse::file_signing)
                               .certificate.serial()
                               .decimal(),
                           entry.certificate.serial().decimal());
    }
    const Verdict verdict = judge(signature, {}, document_digest(), by_requesting_party(), *pki);
    EXPECT_EQ(name_of(verdict.outcome), name_of(GetParam().outcome));
  }
}
const FaultySignerCase faults_cases[] = {
    {"none", CertificateFault::none, SignatureOutcome::ok},
    {"expired", CertificateFault::expired, SignatureOutcome::signer_expired},
    {"not_yet_valid", CertificateFault::not_yet_valid, SignatureOutcome::signer_not_yet_valid},
    {"foreign_root", CertificateFault::foreign_root, SignatureOutcome::signer_not_trusted},
    {"wrong_usage", CertificateFault::wrong_usage, SignatureOutcome::signer_usage},
    {"wrong_role", CertificateFault::wrong_role, SignatureOutcome::signer_role},
    {"other_party", CertificateFault::other_party, SignatureOutcome::signer_party},
};
INSTANTIATE_TEST_SUITE_P(Faults, FaultySignerTest, testing::ValuesIn(faults_cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(SignatureCheckerTest, JudgesTheSignerByTheRunsClock) {
  const std::string signature = make_signature();
  const auto at = [&](std::string_view clock) {
    return judge(signature, {}, document_digest(), by_requesting_party(), shared_pki(),
                 *UtcTime::parse(clock))
        .outcome;
  };
  EXPECT_EQ(at("2018-12-31T23:59:59Z"), SignatureOutcome::signer_not_yet_valid);
  EXPECT_EQ(at("2019-01-01T00:00:00Z"), SignatureOutcome::ok);
  EXPECT_EQ(at("2029-01-01T00:00:01Z"), SignatureOutcome::signer_expired);
}

TEST(SignatureCheckerTest, TiesTheAlgorithmToTheKindOfKey) {
  // A certificate for signing files whose key is RSA: the method still says ECDSA.
  const auto root_key = *PrivateKey::generate(NewKey::p256);
  CertificateRequest root;
  root.common_name = "Z1";
  root.role_code = 7;
  root.serial = CertificateSerial(0, 1);
  root.valid_from = *UtcTime::parse("2019-01-01T00:00:00Z");
  root.valid_until = *UtcTime::parse("2029-01-01T00:00:00Z");
  root.usage.certificate_signing = true;
  root.is_authority = true;
  const auto authority = make_certificate(root, root_key.public_key(), Certificate(), root_key);
  ASSERT_TRUE(authority);
  const PkiEntry& signer = entry_of(PartyRole::requesting_party, CertificateUse::file_signing);
  CertificateRequest request = root;
  request.common_name.clear();
  request.role_code = 0xC0;
  request.eui = kRequestingParty;
  request.serial = signer.certificate.serial();
  request.usage = {.digital_signature = true};
  request.is_authority = false;
  PkiEntry entry;
  entry.role = PartyRole::requesting_party;
  entry.use = CertificateUse::file_signing;
  entry.certificate = *make_certificate(request, testing_support::other_rsa_key().public_key(),
                                        *authority, root_key);
  PkiBuilder builder;
  builder.add_root(*authority);
  builder.add(entry, kRequestingParty);
  const Pki pki = builder.build(clock_of_tests());
  EXPECT_TRUE(pki.problems().empty());
  EXPECT_EQ(judge(make_signature(), {}, document_digest(), by_requesting_party(), pki).outcome,
            SignatureOutcome::algorithm_not_allowed);
}

struct ValueCase {
  const char* name;
  std::string (*value)(const std::string& good);  // raw bytes
};
class SignatureValueTest : public testing::TestWithParam<ValueCase> {};

std::string with_value(const std::string& signature, std::string_view base64) {
  const std::string_view open = "<ds:SignatureValue>";
  const std::size_t begin = signature.find(open) + open.size();
  std::string out = signature;
  return out.replace(begin, signature.find("</ds:SignatureValue>") - begin, base64);
}

TEST_P(SignatureValueTest, IsInvalid) {
  const std::string signature = make_signature();
  SignatureReader reader;
  ParsedSignature parsed;
  ASSERT_EQ(reader.read(signature, {}, parsed).outcome, SignatureOutcome::ok);
  std::string base64;
  append_base64(base64, as_bytes(GetParam().value(*decode_base64(parsed.signature_value))));
  EXPECT_EQ(judge(with_value(signature, base64)).outcome, SignatureOutcome::value_invalid);
}

const std::string group_order =
    *decode_hex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
const ValueCase values_cases[] = {
    {"empty", [](const std::string&) { return std::string(); }},
    {"r_zero", [](const std::string& v) { return std::string(32, '\0') + v.substr(32); }},
    {"s_zero", [](const std::string& v) { return v.substr(0, 32) + std::string(32, '\0'); }},
    {"both_zero", [](const std::string&) { return std::string(64, '\0'); }},
    {"r_is_order", [](const std::string& v) { return group_order + v.substr(32); }},
    {"s_is_order", [](const std::string& v) { return v.substr(0, 32) + group_order; }},
    {"all_ones", [](const std::string&) { return std::string(64, '\xFF'); }},
    {"bytes_63", [](const std::string& v) { return v.substr(0, 63); }},
    {"bytes_65", [](const std::string& v) { return v + '\0'; }},
    {"der",
     [](const std::string& v) {
       return std::string("\x30\x44\x02\x20") + v.substr(0, 32) + "\x02\x20" + v.substr(32);
     }},
    {"halves_swapped", [](const std::string& v) { return v.substr(32) + v.substr(0, 32); }},
    {"bit_flipped",
     [](const std::string& v) {
       std::string w = v;
       w[40] ^= 4;
       return w;
     }},
};
INSTANTIATE_TEST_SUITE_P(Values, SignatureValueTest, testing::ValuesIn(values_cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(SignatureCheckerTest, RefusesJunkInBase64) {
  const std::string signature = make_signature();
  const std::string good(88, 'A');
  for (const std::string_view text :
       {"*", "AAAA-AAA", "A", "AA=A", "====", "not base64 at all", "\xC3\xA9"})
    EXPECT_EQ(judge(with_value(signature, text)).outcome, SignatureOutcome::value_invalid) << text;
  EXPECT_EQ(judge(with_value(signature, good)).outcome, SignatureOutcome::value_invalid);
}

TEST(SignatureCheckerTest, ChecksTheShapeOfWhatOtherReadersFill) {
  SignatureReader reader;
  ParsedSignature good;
  const std::string text = make_signature();
  ASSERT_EQ(reader.read(text, {}, good).outcome, SignatureOutcome::ok);
  EXPECT_EQ(check_shape(good), SignatureOutcome::ok);
  EXPECT_EQ(check_shape(ParsedSignature()), SignatureOutcome::wrong_shape);
  ParsedSignature no_bytes = good;
  no_bytes.signed_info.clear();  // an empty canonical form is never the signed thing
  EXPECT_EQ(check_shape(no_bytes), SignatureOutcome::wrong_shape);
  ParsedSignature two = good;
  two.transforms.push_back(two.transforms[0]);
  EXPECT_EQ(check_shape(two), SignatureOutcome::wrong_shape);
}

}  // namespace
}  // namespace s1flow::codecs::crypto
