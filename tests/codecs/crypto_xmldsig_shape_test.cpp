// What the reader of ds:Signature lets through and what it does not.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "codecs/crypto/xml_security_names.h"
#include "core/text.h"
#include "tests/codecs/xmldsig_support.h"

namespace s1flow::codecs::crypto {
namespace {

using namespace testing_support;  // NOLINT: only this file

std::string element_of(const std::string& signature, const std::string& name) {
  const std::string open = "<ds:" + name;
  const std::string close = "</ds:" + name + ">";
  const std::size_t begin = signature.find(open);
  return signature.substr(begin, signature.find(close) + close.size() - begin);
}

using Change = std::function<std::string(std::string signature)>;

// Another text in place of one that is there.
Change swap(std::string_view from, std::string_view to) {
  return [from = std::string(from), to = std::string(to)](std::string signature) {
    return replaced(std::move(signature), from, to);
  };
}

Change swap_element(const std::string& name, const std::string& to) {
  return
      [=](std::string signature) { return replaced(signature, element_of(signature, name), to); };
}
Change double_element(const std::string& name) {
  return [=](std::string signature) {
    const std::string element = element_of(signature, name);
    return replaced(signature, element, element + element);
  };
}

// One change to a good signature, and what becomes of it.
struct ChangeCase {
  const char* name;
  Change change;
  SignatureOutcome outcome;
};
class ChangedSignatureTest : public testing::TestWithParam<ChangeCase> {};

TEST_P(ChangedSignatureTest, HasItsOutcome) {
  const Verdict verdict = judge(GetParam().change(make_signature()));
  EXPECT_EQ(name_of(verdict.outcome), name_of(GetParam().outcome)) << verdict.why;
}

constexpr auto kOk = SignatureOutcome::ok;
constexpr auto kShape = SignatureOutcome::wrong_shape;
constexpr auto kAlgorithm = SignatureOutcome::algorithm_not_allowed;
constexpr auto kValue = SignatureOutcome::value_invalid;

// Outside SignedInfo the form of the XML may vary.
const ChangeCase accepted_cases[] = {
    {"nothing", [](std::string s) { return s; }, kOk},
    {"blanks_around",
     [](std::string s) {
       s = replaced(s, "<ds:SignedInfo>", "\n  <ds:SignedInfo>");
       s = replaced(s, "<ds:X509Data>", "\t<ds:X509Data>\r\n");
       return replaced(s, "<ds:KeyInfo>", "\n<ds:KeyInfo>\n");
     },
     kOk},
    {"value_in_lines",
     [](std::string s) {
       const std::size_t at = s.find("<ds:SignatureValue>") + 19;
       return s.insert(at + 76, "&#13;\n").insert(at, "\n  ");
     },
     kOk},
    {"serial_with_blanks", swap("</ds:X509SerialNumber>", "\n </ds:X509SerialNumber>"), kOk},
    {"issuer_with_blanks", swap("CN=Z1,OU=07", " cn = Z1, ou = 07 "), kOk},
    {"issuer_by_identifier", swap("CN=Z1,OU=07", "2.5.4.3=Z1,2.5.4.11=#0C023037"), kOk},
    {"other_prefix_outside",
     [](std::string s) {
       s = replaced(s, "<ds:KeyInfo>",
                    "<k:KeyInfo xmlns:k=\"http://www.w3.org/2000/09/xmldsig#\">");
       return replaced(s, "</ds:KeyInfo>", "</k:KeyInfo>");
     },
     kOk},
    {"empty_tags", [](std::string s) { return replaced_all(s, "></ds:Transform>", "/>"); }, kOk},
    {"single_quotes", swap("URI=\"\"", "URI = ''"), kOk},
    {"unused_declaration", swap("<ds:SignedInfo>", "<ds:SignedInfo xmlns:u=\"urn:u\">"), kOk},
};
INSTANTIATE_TEST_SUITE_P(Accepted, ChangedSignatureTest, testing::ValuesIn(accepted_cases),
                         [](const auto& test) { return std::string(test.param.name); });

// Inside SignedInfo the canonical form is what was signed.
const ChangeCase other_bytes_signed_cases[] = {
    {"blank_in_signed_info", swap("<ds:Reference URI", "\n<ds:Reference URI"), kValue},
    {"blank_in_digest_value", swap("</ds:DigestValue>", "\n</ds:DigestValue>"), kValue},
    {"prefix_renamed",
     [](std::string s) {
       s = replaced_all(s, "<ds:", "<x:");
       s = replaced_all(s, "</ds:", "</x:");
       return replaced(s, "xmlns:ds", "xmlns:x");
     },
     kValue},
};
INSTANTIATE_TEST_SUITE_P(OtherBytesSigned, ChangedSignatureTest,
                         testing::ValuesIn(other_bytes_signed_cases),
                         [](const auto& test) { return std::string(test.param.name); });

const ChangeCase algorithms_cases[] = {
    {"hmac_sha256", swap(uri::kEcdsaSha256, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"),
     kAlgorithm},
    {"hmac_sha1", swap(uri::kEcdsaSha256, "http://www.w3.org/2000/09/xmldsig#hmac-sha1"),
     kAlgorithm},
    {"rsa_sha256", swap(uri::kEcdsaSha256, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
     kAlgorithm},
    {"ecdsa_sha1", swap(uri::kEcdsaSha256, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1"),
     kAlgorithm},
    {"no_signature_method", swap(uri::kEcdsaSha256, ""), kAlgorithm},
    {"other_case", swap(uri::kEcdsaSha256, "http://www.w3.org/2001/04/xmldsig-more#ECDSA-sha256"),
     kAlgorithm},
    {"sha1_digest", swap(uri::kSha256, "http://www.w3.org/2000/09/xmldsig#sha1"), kAlgorithm},
    {"md5_digest", swap(uri::kSha256, "http://www.w3.org/2001/04/xmldsig-more#md5"), kAlgorithm},
    {"inclusive_c14n", swap(uri::kExclusiveC14n, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"),
     kAlgorithm},
    {"c14n_with_comments",
     swap(uri::kExclusiveC14n, "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"), kAlgorithm},
    {"xpath_transform", swap(uri::kEnveloped, "http://www.w3.org/TR/1999/REC-xpath-19991116"),
     kAlgorithm},
    {"xslt_transform", swap(uri::kEnveloped, "http://www.w3.org/TR/1999/REC-xslt-19991116"),
     kAlgorithm},
    {"base64_transform", swap(uri::kEnveloped, "http://www.w3.org/2000/09/xmldsig#base64"),
     kAlgorithm},
};
INSTANTIATE_TEST_SUITE_P(Algorithms, ChangedSignatureTest, testing::ValuesIn(algorithms_cases),
                         [](const auto& test) { return std::string(test.param.name); });

const ChangeCase references_cases[] = {
    {"fragment", swap("URI=\"\"", "URI=\"#a\""), kShape},
    {"local_file", swap("URI=\"\"", "URI=\"file:///etc/x\""), kShape},
    {"network", swap("URI=\"\"", "URI=\"http://h/\""), kShape},
    {"no_uri", swap(" URI=\"\"", ""), kShape},
    {"reference_type",
     swap("URI=\"\"", "Type=\"http://www.w3.org/2000/09/xmldsig#Manifest\" URI=\"\""), kShape},
    {"reference_id", swap("URI=\"\"", "Id=\"r\" URI=\"\""), kShape},
    {"second_reference", double_element("Reference"), kShape},
    {"no_reference", swap_element("Reference", ""), kShape},
    {"second_transform",
     swap("</ds:Transforms>",
          "<ds:Transform "
          "Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform></ds:Transforms>"),
     kShape},
    {"same_transform_twice",
     [](std::string s) {
       const std::string one =
           "<ds:Transform Algorithm=\"" + std::string(uri::kEnveloped) + "\"></ds:Transform>";
       return replaced(s, one, one + one);
     },
     kShape},
    {"no_transform",
     swap("<ds:Transform Algorithm=\"" + std::string(uri::kEnveloped) + "\"></ds:Transform>", ""),
     kShape},
    {"no_transforms", [](std::string s) { return replaced(s, element_of(s, "Transforms"), ""); },
     kShape},
    {"xpath_in_transform", swap("></ds:Transform>", "><ds:XPath>true()</ds:XPath></ds:Transform>"),
     kShape},
    {"inclusive_prefixes",
     swap("></ds:CanonicalizationMethod>",
          "><ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" "
          "PrefixList=\"m\"/></ds:CanonicalizationMethod>"),
     kShape},
    {"hmac_output_length",
     swap("></ds:SignatureMethod>",
          "><ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>"),
     kShape},
};
INSTANTIATE_TEST_SUITE_P(References, ChangedSignatureTest, testing::ValuesIn(references_cases),
                         [](const auto& test) { return std::string(test.param.name); });

const ChangeCase structure_cases[] = {
    {"id_on_signature", swap(" xmlns:ds", " Id=\"s\" xmlns:ds"), kShape},
    {"id_on_signed_info", swap("<ds:SignedInfo>", "<ds:SignedInfo Id=\"i\">"), kShape},
    {"id_on_value", swap("<ds:SignatureValue>", "<ds:SignatureValue Id=\"v\">"), kShape},
    {"id_on_key_info", swap("<ds:KeyInfo>", "<ds:KeyInfo Id=\"k\">"), kShape},
    {"xml_attribute", swap("<ds:KeyInfo>", "<ds:KeyInfo xml:lang=\"en\">"), kShape},
    {"attribute_in_namespace", swap("URI=\"\"", "ds:URI=\"\""), kShape},
    {"second_signed_info", double_element("SignedInfo"), kShape},
    {"second_value", double_element("SignatureValue"), kShape},
    {"no_value", [](std::string s) { return replaced(s, element_of(s, "SignatureValue"), ""); },
     kShape},
    {"no_key_info", [](std::string s) { return replaced(s, element_of(s, "KeyInfo"), ""); },
     kShape},
    {"value_before_signed_info",
     [](std::string s) {
       const std::string value = element_of(s, "SignatureValue");
       s = replaced(s, value, "");
       return replaced(s, "<ds:SignedInfo>", value + "<ds:SignedInfo>");
     },
     kShape},
    {"object",
     swap("</ds:Signature>",
          "<ds:Object><m:A xmlns:m=\"urn:example:file\">z</m:A></ds:Object></ds:Signature>"),
     kShape},
    {"manifest_in_object",
     swap("</ds:Signature>", "<ds:Object><ds:Manifest/></ds:Object></ds:Signature>"), kShape},
    {"payload_in_signature",
     swap("</ds:Signature>", "<m:A xmlns:m=\"urn:example:file\">z</m:A></ds:Signature>"), kShape},
    {"text_in_signature", swap("<ds:KeyInfo>", "z<ds:KeyInfo>"), kShape},
    {"other_namespace",
     swap("http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo",
          "http://www.w3.org/2000/09/xmldsig\"><ds:SignedInfo"),
     kShape},
    {"other_root",
     [](std::string s) {
       s = replaced(s, "<ds:Signature ", "<ds:Signed ");
       return replaced(s, "</ds:Signature>", "</ds:Signed>");
     },
     kShape},
    {"two_signatures", [](std::string s) { return s + s; }, kShape},
    {"empty", [](std::string) { return std::string(); }, kShape},
};
INSTANTIATE_TEST_SUITE_P(Structure, ChangedSignatureTest, testing::ValuesIn(structure_cases),
                         [](const auto& test) { return std::string(test.param.name); });

const ChangeCase hidden_cases[] = {
    {"comment_in_digest_value", swap("</ds:DigestValue>", "<!-- x --></ds:DigestValue>"), kShape},
    {"comment_in_value", swap("<ds:SignatureValue>", "<ds:SignatureValue><!---->"), kShape},
    {"comment_between", swap("<ds:KeyInfo>", "<!-- x --><ds:KeyInfo>"), kShape},
    {"instruction", swap("<ds:KeyInfo>", "<?x?><ds:KeyInfo>"), kShape},
    {"cdata_in_digest_value", swap("</ds:DigestValue>", "<![CDATA[]]></ds:DigestValue>"), kShape},
    {"element_in_digest_value", swap("</ds:DigestValue>", "<x/></ds:DigestValue>"), kShape},
    {"element_in_value", swap("</ds:SignatureValue>", "<x/></ds:SignatureValue>"), kShape},
    {"doctype", [](std::string s) { return "<!DOCTYPE ds:Signature [<!ENTITY e \"x\">]>" + s; },
     kShape},
    {"entity", swap("CN=Z1", "CN=&e;"), kShape},
    {"bytes_after", [](std::string s) { return s + std::string(1, '\0'); }, kShape},
    {"too_large", swap("<ds:KeyInfo>", std::string(65536, ' ') + "<ds:KeyInfo>"), kShape},
};
INSTANTIATE_TEST_SUITE_P(Hidden, ChangedSignatureTest, testing::ValuesIn(hidden_cases),
                         [](const auto& test) { return std::string(test.param.name); });

const ChangeCase key_info_cases[] = {
    {"key_value", swap_element("X509Data", "<ds:KeyValue>AAAA</ds:KeyValue>"), kShape},
    {"key_value_beside", swap("</ds:KeyInfo>", "<ds:KeyValue>AAAA</ds:KeyValue></ds:KeyInfo>"),
     kShape},
    {"certificate_beside",
     swap("</ds:X509Data>", "<ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data>"), kShape},
    {"retrieval_method", swap("<ds:X509Data>", "<ds:RetrievalMethod URI=\"#x\"/><ds:X509Data>"),
     kShape},
    {"two_certificates", double_element("X509IssuerSerial"), kShape},
    {"serial_before_issuer",
     [](std::string s) {
       const std::string issuer = element_of(s, "X509IssuerName");
       s = replaced(s, issuer, "");
       return replaced(s, "</ds:X509IssuerSerial>", issuer + "</ds:X509IssuerSerial>");
     },
     kShape},
    {"serial_in_hex", swap("<ds:X509SerialNumber>", "<ds:X509SerialNumber>0x"), kShape},
    {"negative_serial", swap("<ds:X509SerialNumber>", "<ds:X509SerialNumber>-"), kShape},
    {"serial_too_long", swap("<ds:X509SerialNumber>", "<ds:X509SerialNumber>9999"), kShape},
    {"issuer_no_name", swap("CN=Z1,OU=07", "Z1"), kShape},
};
INSTANTIATE_TEST_SUITE_P(KeyInfo, ChangedSignatureTest, testing::ValuesIn(key_info_cases),
                         [](const auto& test) { return std::string(test.param.name); });

const ChangeCase digest_values_cases[] = {
    {"not_base64", swap("<ds:DigestValue>", "<ds:DigestValue>*"), kShape},
    {"too_short", swap_element("DigestValue", "<ds:DigestValue>AAAA</ds:DigestValue>"), kShape},
    {"empty", swap_element("DigestValue", "<ds:DigestValue/>"), kShape},
};
INSTANTIATE_TEST_SUITE_P(DigestValues, ChangedSignatureTest, testing::ValuesIn(digest_values_cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(SignatureReaderTest, TakesNamespacesFromTheContext) {
  // The prefix is declared outside, as when the root of a file declares it.
  std::string bare = make_signature();
  bare = replaced(bare, " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"", "");
  const NamespaceContext context{
      {"", "urn:example:file"}, {"ds", "urn:hidden"}, {"ds", "http://www.w3.org/2000/09/xmldsig#"}};
  EXPECT_EQ(judge(bare, context).outcome, SignatureOutcome::ok);
  EXPECT_EQ(judge(bare).outcome, SignatureOutcome::wrong_shape);
  EXPECT_EQ(judge(bare, {{"ds", "urn:other"}}).outcome, SignatureOutcome::wrong_shape);
}

TEST(SignatureReaderTest, RefusesEveryTruncation) {
  const std::string signature = make_signature();
  for (std::size_t size = 0; size < signature.size(); ++size)
    ASSERT_EQ(judge(std::string_view(signature).substr(0, size)).outcome,
              SignatureOutcome::wrong_shape);
}

TEST(SignatureReaderTest, RefusesEverySingleFlippedBitOrFindsItInsignificant) {
  // A flipped bit must never give another accepted meaning: whatever is still accepted says the
  // same as the original.
  const std::string signature = make_signature();
  SignatureReader reader;
  ParsedSignature original;
  ASSERT_EQ(reader.read(signature, {}, original).outcome, SignatureOutcome::ok);
  for (std::size_t i = 0; i < signature.size(); ++i) {
    std::string damaged = signature;
    damaged[i] ^= static_cast<char>(1 << (i % 8));
    if (judge(damaged).outcome != SignatureOutcome::ok) continue;
    ParsedSignature parsed;
    ASSERT_EQ(reader.read(damaged, {}, parsed).outcome, SignatureOutcome::ok);
    EXPECT_EQ(parsed.signed_info, original.signed_info) << i;
    EXPECT_EQ(decode_base64(parsed.signature_value), decode_base64(original.signature_value)) << i;
    EXPECT_EQ(DistinguishedName::parse(parsed.issuer), DistinguishedName::parse(original.issuer));
    EXPECT_EQ(parsed.serial, original.serial);
  }
}

TEST(SignatureReaderTest, SaysWhatIsWrongAndWhere) {
  SignatureReader reader;
  ParsedSignature parsed;
  const std::string text = replaced(make_signature(), "<ds:KeyInfo>", "<!-- here --><ds:KeyInfo>");
  const SignatureReading reading = reader.read(text, {}, parsed);
  EXPECT_EQ(reading.why, "a comment");
  EXPECT_EQ(reading.offset, text.find("<!--"));
}

}  // namespace
}  // namespace s1flow::codecs::crypto
