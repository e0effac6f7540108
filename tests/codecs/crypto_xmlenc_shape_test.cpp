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

const KeyCase accepted_cases[] = {
    {"blank", kEcdh, "<xenc:CipherData>", "\n <xenc:CipherData>\t", kOk},
    {"base64_lines", kRsa1, "<xenc:CipherValue>", "<xenc:CipherValue>\n", kOk},
    {"no_recipient_attribute", kEcdh, " Recipient=\"" + kDco.text() + "\"", "", kOk},
    {"no_sha1_digest", kRsa1,
     "<ds:DigestMethod xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" "
     "Algorithm=\"http://www.w3.org/2000/09/xmldsig#sha1\"></ds:DigestMethod>",
     "", kOk},
    {"carried_name", kEcdh, "</xenc:EncryptedKey>",
     "<xenc:CarriedKeyName>n</xenc:CarriedKeyName></xenc:EncryptedKey>", kOk},
};
INSTANTIATE_TEST_SUITE_P(Accepted, EncryptedKeyShapeTest, testing::ValuesIn(accepted_cases),
                         [](const auto& test) { return std::string(test.param.name); });

const KeyCase algorithms_cases[] = {
    {"kw_aes128", kEcdh, "kw-aes256", "kw-aes128", kAlgorithm},
    {"kw_3des", kEcdh, "kw-aes256", "kw-tripledes", kAlgorithm},
    {"rsa_1_5", kRsa1, "rsa-oaep-mgf1p", "rsa-1_5", kAlgorithm},
    {"no_method", kRsa1, std::string(uri::kRsaOaepMgf1p), "", kAlgorithm},
    {"dh_es", kEcdh, "xmlenc11#ECDH-ES", "xmlenc11#dh-es", kAlgorithm},
    {"pbkdf2", kEcdh, "xmlenc11#ConcatKDF", "xmlenc11#pbkdf2", kAlgorithm},
    {"kdf_sha1", kEcdh, std::string(uri::kSha256), std::string(uri::kSha1), kAlgorithm},
    {"p384", kEcdh, "urn:oid:1.2.840.10045.3.1.7", "urn:oid:1.3.132.0.34", kAlgorithm},
    {"oaep_sha1_with_sha256", kRsa1, std::string(uri::kSha1), std::string(uri::kSha256),
     kAlgorithm},
    {"oaep_sha256_with_sha1", kRsa256, std::string(uri::kSha256), std::string(uri::kSha1),
     kAlgorithm},
    {"mask_sha1", kRsa256, "mgf1sha256", "mgf1sha1", kAlgorithm},
};
INSTANTIATE_TEST_SUITE_P(Algorithms, EncryptedKeyShapeTest, testing::ValuesIn(algorithms_cases),
                         [](const auto& test) { return std::string(test.param.name); });

const KeyCase shapes_cases[] = {
    {"no_id", kEcdh, " Id=\"k1\"", "", kShape},
    {"empty_id", kEcdh, "Id=\"k1\"", "Id=\"\"", kShape},
    {"type", kEcdh, " Id=\"k1\"", " Id=\"k1\" Type=\"x\"", kShape},
    {"encoding", kEcdh, " Id=\"k1\"", " Encoding=\"x\" Id=\"k1\"", kShape},
    {"other_namespace", kEcdh, "2001/04/xmlenc#\" Id", "2001/04/xmlenc\" Id", kShape},
    {"key_size", kEcdh, "></xenc:EncryptionMethod>",
     "><xenc:KeySize>256</xenc:KeySize></xenc:EncryptionMethod>", kShape},
    {"oaep_params", kRsa1, "</xenc:EncryptionMethod>",
     "<xenc:OAEPparams>AAAA</xenc:OAEPparams></xenc:EncryptionMethod>", kShape},
    {"mask_in_old_oaep", kRsa1, "</xenc:EncryptionMethod>",
     "<m:MGF xmlns:m=\"http://www.w3.org/2009/xmlenc11#\" "
     "Algorithm=\"http://www.w3.org/2009/xmlenc11#mgf1sha256\"/></xenc:EncryptionMethod>",
     kShape},
    {"no_mask", kRsa256,
     "<xenc11:MGF xmlns:xenc11=\"http://www.w3.org/2009/xmlenc11#\" "
     "Algorithm=\"http://www.w3.org/2009/xmlenc11#mgf1sha256\"></xenc11:MGF>",
     "", kShape},
    {"cipher_reference", kEcdh, "<xenc:CipherData>",
     "<xenc:CipherData><xenc:CipherReference URI=\"file:///x\"/>", kShape},
    {"two_values", kEcdh, "</xenc:CipherData>",
     "<xenc:CipherValue>AAAA</xenc:CipherValue></xenc:CipherData>", kShape},
    {"element_in_value", kEcdh, "</xenc:CipherValue>", "<x/></xenc:CipherValue>", kShape},
    {"comment_in_value", kEcdh, "</xenc:CipherValue>", "<!-- --></xenc:CipherValue>", kShape},
    {"not_base64", kEcdh, "<xenc:CipherValue>", "<xenc:CipherValue>*", kShape},
    {"reference_list", kEcdh, "</xenc:EncryptedKey>", "<xenc:ReferenceList/></xenc:EncryptedKey>",
     kShape},
    {"properties", kEcdh, "</xenc:EncryptedKey>",
     "<xenc:EncryptionProperties/></xenc:EncryptedKey>", kShape},
    {"nonce", kEcdh, "<xenc:OriginatorKeyInfo>",
     "<xenc:KA-Nonce>AAAA</xenc:KA-Nonce><xenc:OriginatorKeyInfo>", kShape},
    {"no_algorithm_id", kEcdh, " AlgorithmID=\"00", " AlgorithmID=\"\" x=\"", kShape},
    {"padding_bits", kEcdh, " AlgorithmID=\"00", " AlgorithmID=\"04", kShape},
    {"odd_hex", kEcdh, "PartyUInfo=\"0", "PartyUInfo=\"", kShape},
    {"not_hex", kEcdh, "PartyVInfo=\"00", "PartyVInfo=\"00G0", kShape},
    {"supplementary_info", kEcdh, " PartyVInfo=", " SuppPubInfo=\"00\" PartyVInfo=", kShape},
    {"explicit_curve", kEcdh,
     "<dsig11:NamedCurve URI=\"urn:oid:1.2.840.10045.3.1.7\"></dsig11:NamedCurve>",
     "<dsig11:ECParameters/>", kShape},
    {"id_on_key_value", kEcdh, "<dsig11:ECKeyValue", "<dsig11:ECKeyValue Id=\"x\"", kShape},
    {"key_beside", kEcdh, "<xenc:AgreementMethod",
     "<ds:KeyName>x</ds:KeyName><xenc:AgreementMethod", kShape},
    {"recipient_missing", kRsa1, "<ds:X509Data>", "<ds:X509Data><ds:X509SKI/>", kShape},
    {"two_recipients", kRsa1, "</ds:X509Data>", "</ds:X509Data><ds:KeyName>x</ds:KeyName>", kShape},
    {"doctype", kEcdh, "<xenc:EncryptedKey", "<!DOCTYPE x><xenc:EncryptedKey", kShape},
    {"two_keys", kEcdh, "</xenc:EncryptedKey>", "</xenc:EncryptedKey><x/>", kShape},
};
INSTANTIATE_TEST_SUITE_P(Shapes, EncryptedKeyShapeTest, testing::ValuesIn(shapes_cases),
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
const DataCase data_cases[] = {
    {"nothing", "QUJD", "QUJD", kOk},
    {"lines", "QUJD", "\nQU\n&#13;JD ", kOk},
    {"attributes_turned", "Type=\"http://www.w3.org/2001/04/xmlenc#EncryptedKey\" URI=\"#k1\"",
     "URI='#k1' Type='http://www.w3.org/2001/04/xmlenc#EncryptedKey'", kOk},
    {"aes128_gcm", "aes256-gcm", "aes128-gcm", kAlgorithm},
    {"aes256_cbc", std::string(uri::kAes256Gcm), "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
     kAlgorithm},
    {"triple_des", std::string(uri::kAes256Gcm), "http://www.w3.org/2001/04/xmlenc#tripledes-cbc",
     kAlgorithm},
    {"none", std::string(uri::kAes256Gcm), "", kAlgorithm},
    {"type_content", "xmlenc#Element", "xmlenc#Content", kShape},
    {"no_type", " Type=\"http://www.w3.org/2001/04/xmlenc#Element\"", "", kShape},
    {"id", " Type=\"http://www.w3.org/2001/04/xmlenc#Element\"",
     " Id=\"d\" Type=\"http://www.w3.org/2001/04/xmlenc#Element\"", kShape},
    {"mime_type", " Type=\"http://www.w3.org/2001/04/xmlenc#Element\"",
     " MimeType=\"x\" Type=\"http://www.w3.org/2001/04/xmlenc#Element\"", kShape},
    {"file_reference", "URI=\"#k1\"", "URI=\"file:///etc/passwd\"", kShape},
    {"network_reference", "URI=\"#k1\"", "URI=\"http://h/#k1\"", kShape},
    {"whole_document", "URI=\"#k1\"", "URI=\"\"", kShape},
    {"only_hash", "URI=\"#k1\"", "URI=\"#\"", kShape},
    {"no_reference", " URI=\"#k1\"", "", kShape},
    {"other_type_of_reference", "xmlenc#EncryptedKey", "xmlenc#DerivedKey", kShape},
    {"transforms", "></ds:RetrievalMethod>", "><ds:Transforms/></ds:RetrievalMethod>", kShape},
    {"no_key_info", "<ds:RetrievalMethod", "<ds:Retrieval", kShape},
    {"key_name_beside", "</ds:KeyInfo>", "<ds:KeyName>x</ds:KeyName></ds:KeyInfo>", kShape},
    {"cipher_reference", "<xenc:CipherValue>QUJD</xenc:CipherValue>",
     "<xenc:CipherReference URI=\"file:///x\"/>", kShape},
    {"comment", "QUJD", "QU<!-- -->JD", kShape},
    {"element", "QUJD", "QU<x/>JD", kShape},
    {"properties", "</xenc:EncryptedData>", "<xenc:EncryptionProperties/></xenc:EncryptedData>",
     kShape},
};
INSTANTIATE_TEST_SUITE_P(Shapes, EncryptedDataShapeTest, testing::ValuesIn(data_cases),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace s1flow::codecs::crypto
