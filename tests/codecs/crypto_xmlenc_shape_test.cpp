// What the reader of EncryptedKey and EncryptedData lets through and what it does not.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "codecs/crypto/xml_security_names.h"
#include "codecs/crypto/xmlenc.h"
#include "tests/codecs/xmldsig_support.h"

namespace s1flow::codecs::crypto {
namespace {

using namespace testing_support;  // NOLINT: only this file

std::string make_key(KeyTransport transport) {
  EncryptedKeySpec spec;
  spec.id = "k1";
  spec.transport = transport;
  spec.originator = kRequestingParty;
  spec.certificate = entry_of(PartyRole::dco, transport == KeyTransport::ecdh_es
                                                  ? CertificateUse::key_agreement
                                                  : CertificateUse::key_encipherment)
                         .certificate;
  std::string out;
  EXPECT_TRUE(append_encrypted_key(out, *ContentKey::generate(), spec));
  return out;
}

constexpr auto kEcdh = KeyTransport::ecdh_es;
constexpr auto kRsa1 = KeyTransport::rsa_oaep_sha1;
constexpr auto kRsa256 = KeyTransport::rsa_oaep_sha256;
constexpr auto kOk = EncryptionShape::ok;
constexpr auto kShape = EncryptionShape::wrong_shape;
constexpr auto kAlgorithm = EncryptionShape::algorithm_not_allowed;

// One replacement in a good EncryptedKey.
struct KeyCase {
  const char* name;
  KeyTransport transport;
  std::string from;
  std::string to;
  EncryptionShape shape;
};
class EncryptedKeyShapeTest : public testing::TestWithParam<KeyCase> {};

TEST_P(EncryptedKeyShapeTest, HasItsOutcome) {
  const auto& c = GetParam();
  const std::string text = replaced(make_key(c.transport), c.from, c.to);
  EncryptionReader reader;
  ParsedEncryptedKey key;
  const EncryptionReading reading = reader.read_key(text, {}, key);
  EXPECT_EQ(static_cast<int>(reading.shape), static_cast<int>(c.shape)) << reading.why << "\n"
                                                                        << text;
  EXPECT_EQ(reading.why.empty(), c.shape == kOk);
}

INSTANTIATE_TEST_SUITE_P(
    Accepted, EncryptedKeyShapeTest,
    testing::ValuesIn(std::vector<KeyCase>{
        KeyCase{"blank", kEcdh, "<xenc:CipherData>", "\n <xenc:CipherData>\t", kOk},
        KeyCase{"base64_lines", kRsa1, "<xenc:CipherValue>", "<xenc:CipherValue>\n", kOk},
        KeyCase{"no_recipient_attribute", kEcdh, " Recipient=\"" + kDco.text() + "\"", "", kOk},
        KeyCase{"no_sha1_digest", kRsa1,
                "<ds:DigestMethod xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" "
                "Algorithm=\"http://www.w3.org/2000/09/xmldsig#sha1\"></ds:DigestMethod>",
                "", kOk},
        KeyCase{"carried_name", kEcdh, "</xenc:EncryptedKey>",
                "<xenc:CarriedKeyName>n</xenc:CarriedKeyName></xenc:EncryptedKey>", kOk}}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Algorithms, EncryptedKeyShapeTest,
    testing::ValuesIn(std::vector<KeyCase>{
        KeyCase{"kw_aes128", kEcdh, "kw-aes256", "kw-aes128", kAlgorithm},
        KeyCase{"kw_3des", kEcdh, "kw-aes256", "kw-tripledes", kAlgorithm},
        KeyCase{"rsa_1_5", kRsa1, "rsa-oaep-mgf1p", "rsa-1_5", kAlgorithm},
        KeyCase{"no_method", kRsa1, std::string(uri::kRsaOaepMgf1p), "", kAlgorithm},
        KeyCase{"dh_es", kEcdh, "xmlenc11#ECDH-ES", "xmlenc11#dh-es", kAlgorithm},
        KeyCase{"pbkdf2", kEcdh, "xmlenc11#ConcatKDF", "xmlenc11#pbkdf2", kAlgorithm},
        KeyCase{"kdf_sha1", kEcdh, std::string(uri::kSha256), std::string(uri::kSha1), kAlgorithm},
        KeyCase{"p384", kEcdh, "urn:oid:1.2.840.10045.3.1.7", "urn:oid:1.3.132.0.34", kAlgorithm},
        KeyCase{"oaep_sha1_with_sha256", kRsa1, std::string(uri::kSha1), std::string(uri::kSha256),
                kAlgorithm},
        KeyCase{"oaep_sha256_with_sha1", kRsa256, std::string(uri::kSha256),
                std::string(uri::kSha1), kAlgorithm},
        KeyCase{"mask_sha1", kRsa256, "mgf1sha256", "mgf1sha1", kAlgorithm}}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Shapes, EncryptedKeyShapeTest,
    testing::ValuesIn(std::vector<KeyCase>{
        KeyCase{"no_id", kEcdh, " Id=\"k1\"", "", kShape},
        KeyCase{"empty_id", kEcdh, "Id=\"k1\"", "Id=\"\"", kShape},
        KeyCase{"type", kEcdh, " Id=\"k1\"", " Id=\"k1\" Type=\"x\"", kShape},
        KeyCase{"encoding", kEcdh, " Id=\"k1\"", " Encoding=\"x\" Id=\"k1\"", kShape},
        KeyCase{"other_namespace", kEcdh, "2001/04/xmlenc#\" Id", "2001/04/xmlenc\" Id", kShape},
        KeyCase{"key_size", kEcdh, "></xenc:EncryptionMethod>",
                "><xenc:KeySize>256</xenc:KeySize></xenc:EncryptionMethod>", kShape},
        KeyCase{"oaep_params", kRsa1, "</xenc:EncryptionMethod>",
                "<xenc:OAEPparams>AAAA</xenc:OAEPparams></xenc:EncryptionMethod>", kShape},
        KeyCase{
            "mask_in_old_oaep", kRsa1, "</xenc:EncryptionMethod>",
            "<m:MGF xmlns:m=\"http://www.w3.org/2009/xmlenc11#\" "
            "Algorithm=\"http://www.w3.org/2009/xmlenc11#mgf1sha256\"/></xenc:EncryptionMethod>",
            kShape},
        KeyCase{"no_mask", kRsa256,
                "<xenc11:MGF xmlns:xenc11=\"http://www.w3.org/2009/xmlenc11#\" "
                "Algorithm=\"http://www.w3.org/2009/xmlenc11#mgf1sha256\"></xenc11:MGF>",
                "", kShape},
        KeyCase{"cipher_reference", kEcdh, "<xenc:CipherData>",
                "<xenc:CipherData><xenc:CipherReference URI=\"file:///x\"/>", kShape},
        KeyCase{"two_values", kEcdh, "</xenc:CipherData>",
                "<xenc:CipherValue>AAAA</xenc:CipherValue></xenc:CipherData>", kShape},
        KeyCase{"element_in_value", kEcdh, "</xenc:CipherValue>", "<x/></xenc:CipherValue>",
                kShape},
        KeyCase{"comment_in_value", kEcdh, "</xenc:CipherValue>", "<!-- --></xenc:CipherValue>",
                kShape},
        KeyCase{"not_base64", kEcdh, "<xenc:CipherValue>", "<xenc:CipherValue>*", kShape},
        KeyCase{"reference_list", kEcdh, "</xenc:EncryptedKey>",
                "<xenc:ReferenceList/></xenc:EncryptedKey>", kShape},
        KeyCase{"properties", kEcdh, "</xenc:EncryptedKey>",
                "<xenc:EncryptionProperties/></xenc:EncryptedKey>", kShape},
        KeyCase{"nonce", kEcdh, "<xenc:OriginatorKeyInfo>",
                "<xenc:KA-Nonce>AAAA</xenc:KA-Nonce><xenc:OriginatorKeyInfo>", kShape},
        KeyCase{"no_algorithm_id", kEcdh, " AlgorithmID=\"00", " AlgorithmID=\"\" x=\"", kShape},
        KeyCase{"padding_bits", kEcdh, " AlgorithmID=\"00", " AlgorithmID=\"04", kShape},
        KeyCase{"odd_hex", kEcdh, "PartyUInfo=\"0", "PartyUInfo=\"", kShape},
        KeyCase{"not_hex", kEcdh, "PartyVInfo=\"00", "PartyVInfo=\"00G0", kShape},
        KeyCase{"supplementary_info", kEcdh,
                " PartyVInfo=", " SuppPubInfo=\"00\" PartyVInfo=", kShape},
        KeyCase{"explicit_curve", kEcdh,
                "<dsig11:NamedCurve URI=\"urn:oid:1.2.840.10045.3.1.7\">"
                "</dsig11:NamedCurve>",
                "<dsig11:ECParameters/>", kShape},
        KeyCase{"id_on_key_value", kEcdh, "<dsig11:ECKeyValue", "<dsig11:ECKeyValue Id=\"x\"",
                kShape},
        KeyCase{"key_beside", kEcdh, "<xenc:AgreementMethod",
                "<ds:KeyName>x</ds:KeyName><xenc:AgreementMethod", kShape},
        KeyCase{"recipient_missing", kRsa1, "<ds:X509Data>", "<ds:X509Data><ds:X509SKI/>", kShape},
        KeyCase{"two_recipients", kRsa1, "</ds:X509Data>",
                "</ds:X509Data><ds:KeyName>x</ds:KeyName>", kShape},
        KeyCase{"doctype", kEcdh, "<xenc:EncryptedKey", "<!DOCTYPE x><xenc:EncryptedKey", kShape},
        KeyCase{"two_keys", kEcdh, "</xenc:EncryptedKey>", "</xenc:EncryptedKey><x/>", kShape}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(EncryptionReaderTest, RefusesEveryTruncation) {
  const std::string text = make_key(kEcdh);
  EncryptionReader reader;
  ParsedEncryptedKey key;
  for (std::size_t size = 0; size < text.size(); ++size)
    ASSERT_EQ(reader.read_key(std::string_view(text).substr(0, size), {}, key).shape, kShape);
}

struct DataCase {
  const char* name;
  std::string from;
  std::string to;
  EncryptionShape shape;
};
class EncryptedDataShapeTest : public testing::TestWithParam<DataCase> {};

TEST_P(EncryptedDataShapeTest, HasItsOutcome) {
  std::string text;
  EncryptedDataForm(KeyLinkKind::retrieval_method, "k1").append(text, "QUJD");
  text = replaced(text, GetParam().from, GetParam().to);
  EncryptionReader reader;
  ParsedEncryptedData data;
  const EncryptionReading reading = reader.read_data(text, {}, data);
  EXPECT_EQ(static_cast<int>(reading.shape), static_cast<int>(GetParam().shape))
      << reading.why << "\n"
      << text;
}
INSTANTIATE_TEST_SUITE_P(
    Shapes, EncryptedDataShapeTest,
    testing::ValuesIn(std::vector<DataCase>{
        DataCase{"nothing", "QUJD", "QUJD", kOk},
        DataCase{"lines", "QUJD", "\nQU\n&#13;JD ", kOk},
        DataCase{"attributes_turned",
                 "Type=\"http://www.w3.org/2001/04/xmlenc#EncryptedKey\" "
                 "URI=\"#k1\"",
                 "URI='#k1' Type='http://www.w3.org/2001/04/xmlenc#EncryptedKey'", kOk},
        DataCase{"aes128_gcm", "aes256-gcm", "aes128-gcm", kAlgorithm},
        DataCase{"aes256_cbc", std::string(uri::kAes256Gcm),
                 "http://www.w3.org/2001/04/xmlenc#aes256-cbc", kAlgorithm},
        DataCase{"triple_des", std::string(uri::kAes256Gcm),
                 "http://www.w3.org/2001/04/xmlenc#tripledes-cbc", kAlgorithm},
        DataCase{"none", std::string(uri::kAes256Gcm), "", kAlgorithm},
        DataCase{"type_content", "xmlenc#Element", "xmlenc#Content", kShape},
        DataCase{"no_type", " Type=\"http://www.w3.org/2001/04/xmlenc#Element\"", "", kShape},
        DataCase{"id", " Type=\"http://www.w3.org/2001/04/xmlenc#Element\"",
                 " Id=\"d\" Type=\"http://www.w3.org/2001/04/xmlenc#Element\"", kShape},
        DataCase{"mime_type", " Type=\"http://www.w3.org/2001/04/xmlenc#Element\"",
                 " MimeType=\"x\" Type=\"http://www.w3.org/2001/04/xmlenc#Element\"", kShape},
        DataCase{"file_reference", "URI=\"#k1\"", "URI=\"file:///etc/passwd\"", kShape},
        DataCase{"network_reference", "URI=\"#k1\"", "URI=\"http://h/#k1\"", kShape},
        DataCase{"whole_document", "URI=\"#k1\"", "URI=\"\"", kShape},
        DataCase{"only_hash", "URI=\"#k1\"", "URI=\"#\"", kShape},
        DataCase{"no_reference", " URI=\"#k1\"", "", kShape},
        DataCase{"other_type_of_reference", "xmlenc#EncryptedKey", "xmlenc#DerivedKey", kShape},
        DataCase{"transforms", "></ds:RetrievalMethod>", "><ds:Transforms/></ds:RetrievalMethod>",
                 kShape},
        DataCase{"no_key_info", "<ds:RetrievalMethod", "<ds:Retrieval", kShape},
        DataCase{"key_name_beside", "</ds:KeyInfo>", "<ds:KeyName>x</ds:KeyName></ds:KeyInfo>",
                 kShape},
        DataCase{"cipher_reference", "<xenc:CipherValue>QUJD</xenc:CipherValue>",
                 "<xenc:CipherReference URI=\"file:///x\"/>", kShape},
        DataCase{"comment", "QUJD", "QU<!-- -->JD", kShape},
        DataCase{"element", "QUJD", "QU<x/>JD", kShape},
        DataCase{"properties", "</xenc:EncryptedData>",
                 "<xenc:EncryptionProperties/></xenc:EncryptedData>", kShape}}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace s1flow::codecs::crypto
