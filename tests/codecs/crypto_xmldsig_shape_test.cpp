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

// One change to a good signature, and what becomes of it.
struct ChangeCase {
  const char* name;
  std::string (*change)(std::string signature);
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
INSTANTIATE_TEST_SUITE_P(Accepted, ChangedSignatureTest,
                         testing::
                             ValuesIn(std::
                                          vector<ChangeCase>{ChangeCase{
                                                                 "nothing",
                                                                 [](std::string s) { return s; },
                                                                 kOk},
                                                             ChangeCase{
                                                                 "blanks_around",
                                                                 [](std::string s) {
                                                                   s = replaced(
                                                                       s, "<ds:SignedInfo>",
                                                                       "\n  <ds:SignedInfo>");
                                                                   s = replaced(
                                                                       s, "<ds:X509Data>",
                                                                       "\t<ds:X509Data>\r\n");
                                                                   return replaced(
                                                                       s, "<ds:KeyInfo>",
                                                                       "\n<ds:KeyInfo>\n");
                                                                 },
                                                                 kOk},
                                                             ChangeCase{
                                                                 "value_in_lines",
                                                                 [](std::string s) {
                                                                   const std::size_t at =
                                                                       s.find(
                                                                           "<ds:SignatureValue>") +
                                                                       19;
                                                                   return s
                                                                       .insert(at + 76, "&#13;\n")
                                                                       .insert(at, "\n  ");
                                                                 },
                                                                 kOk},
                                                             ChangeCase{
                                                                 "serial_with_blanks",
                                                                 [](std::string s) {
                                                                   return replaced(
                                                                       s, "</ds:X509SerialNumber>",
                                                                       "\n </ds:X509SerialNumber>");
                                                                 },
                                                                 kOk},
                                                             ChangeCase{"issuer_with_blanks",
                                                                        [](std::string s) {
                                                                          return replaced(
                                                                              s, "CN=Z1,OU=07",
                                                                              " cn = Z1, ou = 07 ");
                                                                        },
                                                                        kOk},
                                                             ChangeCase{"issuer_by_identifier",
                                                                        [](std::string s) {
                                                                          return replaced(
                                                                              s, "CN=Z1,OU=07",
                                                                              "2.5.4.3=Z1,2.5.4.11="
                                                                              "#0C023037");
                                                                        },
                                                                        kOk},
                                                             ChangeCase{"other_prefix_outside",
                                                                        [](std::string s) {
                                                                          s = replaced(
                                                                              s, "<ds:KeyInfo>",
                                                                              "<k:KeyInfo "
                                                                              "xmlns:k=\"http://"
                                                                              "www.w3.org/2000/09/"
                                                                              "xmldsig#\">");
                                                                          return replaced(
                                                                              s, "</ds:KeyInfo>",
                                                                              "</k:KeyInfo>");
                                                                        },
                                                                        kOk},
                                                             ChangeCase{"empty_tags",
                                                                        [](std::string s) {
                                                                          return replaced_all(
                                                                              s, "></ds:Transform>",
                                                                              "/>");
                                                                        },
                                                                        kOk},
                                                             ChangeCase{
                                                                 "single_quotes",
                                                                 [](std::string s) {
                                                                   return replaced(s, "URI=\"\"",
                                                                                   "URI = ''");
                                                                 },
                                                                 kOk},
                                                             ChangeCase{"unused_declaration",
                                                                        [](std::string s) {
                                                                          return replaced(
                                                                              s, "<ds:SignedInfo>",
                                                                              "<ds:SignedInfo "
                                                                              "xmlns:u=\"urn:u\">");
                                                                        },
                                                                        kOk}}),
                         [](const auto& test) { return std::string(test.param.name); });

// Inside SignedInfo the canonical form is what was signed.
INSTANTIATE_TEST_SUITE_P(OtherBytesSigned, ChangedSignatureTest,
                         testing::ValuesIn(std::vector<ChangeCase>{
                             ChangeCase{"blank_in_signed_info",
                                        [](std::string s) {
                                          return replaced(s, "<ds:Reference URI",
                                                          "\n<ds:Reference URI");
                                        },
                                        kValue},
                             ChangeCase{"blank_in_digest_value",
                                        [](std::string s) {
                                          return replaced(s, "</ds:DigestValue>",
                                                          "\n</ds:DigestValue>");
                                        },
                                        kValue},
                             ChangeCase{"prefix_renamed",
                                        [](std::string s) {
                                          s = replaced_all(s, "<ds:", "<x:");
                                          s = replaced_all(s, "</ds:", "</x:");
                                          return replaced(s, "xmlns:ds", "xmlns:x");
                                        },
                                        kValue}}),
                         [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(Algorithms, ChangedSignatureTest,
                         testing::ValuesIn(std::vector<
                                           ChangeCase>{ChangeCase{"hmac_sha256",
                                                                  [](std::string s) {
                                                                    return replaced(
                                                                        s, uri::kEcdsaSha256,
                                                                        "http://www.w3.org/2001/04/"
                                                                        "xmldsig-more#hmac-sha256");
                                                                  },
                                                                  kAlgorithm},
                                                       ChangeCase{"hmac_sha1",
                                                                  [](std::string s) {
                                                                    return replaced(
                                                                        s, uri::kEcdsaSha256,
                                                                        "http://www.w3.org/2000/09/"
                                                                        "xmldsig#hmac-sha1");
                                                                  },
                                                                  kAlgorithm},
                                                       ChangeCase{"rsa_sha256",
                                                                  [](std::string s) {
                                                                    return replaced(
                                                                        s, uri::kEcdsaSha256,
                                                                        "http://www.w3.org/2001/04/"
                                                                        "xmldsig-more#rsa-sha256");
                                                                  },
                                                                  kAlgorithm},
                                                       ChangeCase{"ecdsa_sha1",
                                                                  [](std::string s) {
                                                                    return replaced(
                                                                        s, uri::kEcdsaSha256,
                                                                        "http://www.w3.org/2001/04/"
                                                                        "xmldsig-more#ecdsa-sha1");
                                                                  },
                                                                  kAlgorithm},
                                                       ChangeCase{"no_signature_method",
                                                                  [](std::string s) {
                                                                    return replaced(
                                                                        s, uri::kEcdsaSha256, "");
                                                                  },
                                                                  kAlgorithm},
                                                       ChangeCase{
                                                           "other_case",
                                                           [](std::string s) {
                                                             return replaced(
                                                                 s, uri::kEcdsaSha256,
                                                                 "http://www.w3.org/2001/04/"
                                                                 "xmldsig-more#ECDSA-sha256");
                                                           },
                                                           kAlgorithm},
                                                       ChangeCase{"sha1_digest",
                                                                  [](std::string s) {
                                                                    return replaced(
                                                                        s, uri::kSha256,
                                                                        "http://www.w3.org/2000/09/"
                                                                        "xmldsig#sha1");
                                                                  },
                                                                  kAlgorithm},
                                                       ChangeCase{"md5_digest",
                                                                  [](std::string s) {
                                                                    return replaced(
                                                                        s, uri::kSha256,
                                                                        "http://www.w3.org/2001/04/"
                                                                        "xmldsig-more#md5");
                                                                  },
                                                                  kAlgorithm},
                                                       ChangeCase{"inclusive_c14n",
                                                                  [](std::string s) {
                                                                    return replaced(
                                                                        s, uri::kExclusiveC14n,
                                                                        "http://www.w3.org/TR/2001/"
                                                                        "REC-xml-c14n-20010315");
                                                                  },
                                                                  kAlgorithm},
                                                       ChangeCase{"c14n_with_comments",
                                                                  [](std::string s) {
                                                                    return replaced(
                                                                        s, uri::kExclusiveC14n,
                                                                        "http://www.w3.org/2001/10/"
                                                                        "xml-exc-c14n#"
                                                                        "WithComments");
                                                                  },
                                                                  kAlgorithm},
                                                       ChangeCase{"xpath_transform",
                                                                  [](std::string s) {
                                                                    return replaced(
                                                                        s, uri::kEnveloped,
                                                                        "http://www.w3.org/TR/1999/"
                                                                        "REC-xpath-19991116");
                                                                  },
                                                                  kAlgorithm},
                                                       ChangeCase{"xslt_transform",
                                                                  [](std::string s) {
                                                                    return replaced(
                                                                        s, uri::kEnveloped,
                                                                        "http://www.w3.org/TR/1999/"
                                                                        "REC-xslt-19991116");
                                                                  },
                                                                  kAlgorithm},
                                                       ChangeCase{"base64_transform",
                                                                  [](std::string s) {
                                                                    return replaced(
                                                                        s, uri::kEnveloped,
                                                                        "http://www.w3.org/2000/09/"
                                                                        "xmldsig#base64");
                                                                  },
                                                                  kAlgorithm}}),
                         [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(References, ChangedSignatureTest,
                         testing::
                             ValuesIn(
                                 std::
                                     vector<ChangeCase>{ChangeCase{"fragment",
                                                                   [](std::string s) {
                                                                     return replaced(s, "URI=\"\"",
                                                                                     "URI=\"#a\"");
                                                                   },
                                                                   kShape},
                                                        ChangeCase{"local_file",
                                                                   [](std::string s) {
                                                                     return replaced(
                                                                         s, "URI=\"\"",
                                                                         "URI=\"file:///etc/x\"");
                                                                   },
                                                                   kShape},
                                                        ChangeCase{"network",
                                                                   [](std::string s) {
                                                                     return replaced(
                                                                         s, "URI=\"\"",
                                                                         "URI=\"http://h/\"");
                                                                   },
                                                                   kShape},
                                                        ChangeCase{"no_uri",
                                                                   [](std::string s) {
                                                                     return replaced(s, " URI=\"\"",
                                                                                     "");
                                                                   },
                                                                   kShape},
                                                        ChangeCase{
                                                            "reference_type",
                                                            [](std::string s) {
                                                              return replaced(
                                                                  s, "URI=\"\"",
                                                                  "Type=\"http://www.w3.org/2000/"
                                                                  "09/xmldsig#Manifest\" URI=\"\"");
                                                            },
                                                            kShape},
                                                        ChangeCase{"reference_id",
                                                                   [](std::string s) {
                                                                     return replaced(
                                                                         s, "URI=\"\"",
                                                                         "Id=\"r\" URI=\"\"");
                                                                   },
                                                                   kShape},
                                                        ChangeCase{"second_reference",
                                                                   [](std::string s) {
                                                                     const std::string reference =
                                                                         element_of(s, "Reference");
                                                                     return replaced(
                                                                         s, reference,
                                                                         reference + reference);
                                                                   },
                                                                   kShape},
                                                        ChangeCase{"no_reference",
                                                                   [](std::string s) {
                                                                     return replaced(
                                                                         s,
                                                                         element_of(s, "Reference"),
                                                                         "");
                                                                   },
                                                                   kShape},
                                                        ChangeCase{"second_transform",
                                                                   [](std::string s) {
                                                                     return replaced(
                                                                         s, "</ds:Transforms>",
                                                                         "<ds:Transform "
                                                                         "Algorithm=\"http://"
                                                                         "www.w3.org/2001/10/"
                                                                         "xml-exc-c14n#\"></"
                                                                         "ds:Transform></"
                                                                         "ds:Transforms>");
                                                                   },
                                                                   kShape},
                                                        ChangeCase{
                                                            "same_transform_twice",
                                                            [](std::string s) {
                                                              const std::string transform =
                                                                  element_of(s, "Transform ");
                                                              const std::string one =
                                                                  "<ds:Transform Algorithm=\"" +
                                                                  std::string(uri::kEnveloped) +
                                                                  "\"></ds:Transform>";
                                                              return replaced(s, one, one + one);
                                                            },
                                                            kShape},
                                                        ChangeCase{"no_transform",
                                                                   [](std::string s) {
                                                                     return replaced(
                                                                         s,
                                                                         "<ds:Transform "
                                                                         "Algorithm=\"" +
                                                                             std::string(
                                                                                 uri::kEnveloped) +
                                                                             "\"></ds:Transform>",
                                                                         "");
                                                                   },
                                                                   kShape},
                                                        ChangeCase{"no_transforms",
                                                                   [](std::string s) {
                                                                     return replaced(
                                                                         s,
                                                                         element_of(s,
                                                                                    "Transforms"),
                                                                         "");
                                                                   },
                                                                   kShape},
                                                        ChangeCase{
                                                            "xpath_in_transform",
                                                            [](std::string s) {
                                                              return replaced(
                                                                  s, "></ds:Transform>",
                                                                  "><ds:XPath>true()</ds:XPath></"
                                                                  "ds:Transform>");
                                                            },
                                                            kShape},
                                                        ChangeCase{
                                                            "inclusive_prefixes",
                                                            [](std::string s) {
                                                              return replaced(
                                                                  s,
                                                                  "></ds:CanonicalizationMethod>",
                                                                  "><ec:InclusiveNamespaces "
                                                                  "xmlns:ec=\"http://www.w3.org/"
                                                                  "2001/10/xml-exc-c14n#\" "
                                                                  "PrefixList=\"m\"/></"
                                                                  "ds:CanonicalizationMethod>");
                                                            },
                                                            kShape},
                                                        ChangeCase{"hmac_output_length",
                                                                   [](std::string s) {
                                                                     return replaced(
                                                                         s,
                                                                         "></ds:SignatureMethod>",
                                                                         "><ds:HMACOutputLength>0</"
                                                                         "ds:HMACOutputLength>"
                                                                         "</ds:SignatureMethod>");
                                                                   },
                                                                   kShape}}),
                         [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(Structure, ChangedSignatureTest,
                         testing::ValuesIn(std::
                                               vector<ChangeCase>{ChangeCase{
                                                                      "id_on_signature",
                                                                      [](std::string s) {
                                                                        return replaced(
                                                                            s, " xmlns:ds",
                                                                            " Id=\"s\" xmlns:ds");
                                                                      },
                                                                      kShape},
                                                                  ChangeCase{
                                                                      "id_on_signed_info",
                                                                      [](std::string s) {
                                                                        return replaced(
                                                                            s, "<ds:SignedInfo>",
                                                                            "<ds:SignedInfo "
                                                                            "Id=\"i\">");
                                                                      },
                                                                      kShape},
                                                                  ChangeCase{
                                                                      "id_on_value",
                                                                      [](std::string s) {
                                                                        return replaced(
                                                                            s,
                                                                            "<ds:SignatureValue>",
                                                                            "<ds:SignatureValue "
                                                                            "Id=\"v\">");
                                                                      },
                                                                      kShape},
                                                                  ChangeCase{"id_on_key_info",
                                                                             [](std::string s) {
                                                                               return replaced(
                                                                                   s,
                                                                                   "<ds:KeyInfo>",
                                                                                   "<ds:KeyInfo "
                                                                                   "Id=\"k\">");
                                                                             },
                                                                             kShape},
                                                                  ChangeCase{
                                                                      "xml_attribute",
                                                                      [](std::string s) {
                                                                        return replaced(
                                                                            s, "<ds:KeyInfo>",
                                                                            "<ds:KeyInfo "
                                                                            "xml:lang=\"en\">");
                                                                      },
                                                                      kShape},
                                                                  ChangeCase{
                                                                      "attribute_in_namespace",
                                                                      [](std::string s) {
                                                                        return replaced(
                                                                            s, "URI=\"\"",
                                                                            "ds:URI=\"\"");
                                                                      },
                                                                      kShape},
                                                                  ChangeCase{
                                                                      "second_signed_info",
                                                                      [](std::string s) {
                                                                        const std::string part =
                                                                            element_of(
                                                                                s, "SignedInfo");
                                                                        return replaced(
                                                                            s, part, part + part);
                                                                      },
                                                                      kShape},
                                                                  ChangeCase{
                                                                      "second_value",
                                                                      [](std::string s) {
                                                                        const std::string value =
                                                                            element_of(
                                                                                s,
                                                                                "SignatureValue");
                                                                        return replaced(
                                                                            s, value,
                                                                            value + value);
                                                                      },
                                                                      kShape},
                                                                  ChangeCase{
                                                                      "no_value",
                                                                      [](std::string s) {
                                                                        return replaced(
                                                                            s,
                                                                            element_of(
                                                                                s,
                                                                                "SignatureValue"),
                                                                            "");
                                                                      },
                                                                      kShape},
                                                                  ChangeCase{"no_key_info",
                                                                             [](std::string s) {
                                                                               return replaced(
                                                                                   s,
                                                                                   element_of(
                                                                                       s,
                                                                                       "KeyInfo"),
                                                                                   "");
                                                                             },
                                                                             kShape},
                                                                  ChangeCase{
                                                                      "value_before_signed_info",
                                                                      [](std::string s) {
                                                                        const std::string value =
                                                                            element_of(
                                                                                s,
                                                                                "SignatureValue");
                                                                        s = replaced(s, value, "");
                                                                        return replaced(
                                                                            s, "<ds:SignedInfo>",
                                                                            value +
                                                                                "<ds:SignedInfo>");
                                                                      },
                                                                      kShape},
                                                                  ChangeCase{"object",
                                                                             [](std::string s) {
                                                                               return replaced(
                                                                                   s,
                                                                                   "</"
                                                                                   "ds:Signature>",
                                                                                   "<ds:Object><m:"
                                                                                   "A "
                                                                                   "xmlns:m=\"urn:"
                                                                                   "example:file\">"
                                                                                   "z</m:A>"
                                                                                   "</ds:Object></"
                                                                                   "ds:Signature>");
                                                                             },
                                                                             kShape},
                                                                  ChangeCase{
                                                                      "manifest_in_object",
                                                                      [](std::string s) {
                                                                        return replaced(
                                                                            s, "</ds:Signature>",
                                                                            "<ds:Object><ds:"
                                                                            "Manifest/></"
                                                                            "ds:Object></"
                                                                            "ds:Signature>");
                                                                      },
                                                                      kShape},
                                                                  ChangeCase{
                                                                      "payload_in_signature",
                                                                      [](std::string s) {
                                                                        return replaced(
                                                                            s, "</ds:Signature>",
                                                                            "<m:A "
                                                                            "xmlns:m=\"urn:example:"
                                                                            "file\">z</m:A></"
                                                                            "ds:Signature>");
                                                                      },
                                                                      kShape},
                                                                  ChangeCase{"text_in_signature",
                                                                             [](std::string s) {
                                                                               return replaced(
                                                                                   s,
                                                                                   "<ds:KeyInfo>",
                                                                                   "z<ds:KeyInfo>");
                                                                             },
                                                                             kShape},
                                                                  ChangeCase{
                                                                      "other_namespace",
                                                                      [](std::string s) {
                                                                        return replaced(
                                                                            s,
                                                                            "http://www.w3.org/"
                                                                            "2000/09/"
                                                                            "xmldsig#\"><ds:"
                                                                            "SignedInfo",
                                                                            "http://www.w3.org/"
                                                                            "2000/09/"
                                                                            "xmldsig\"><ds:"
                                                                            "SignedInfo");
                                                                      },
                                                                      kShape},
                                                                  ChangeCase{
                                                                      "other_root",
                                                                      [](std::string s) {
                                                                        s = replaced(
                                                                            s, "<ds:Signature ",
                                                                            "<ds:Signed ");
                                                                        return replaced(
                                                                            s, "</ds:Signature>",
                                                                            "</ds:Signed>");
                                                                      },
                                                                      kShape},
                                                                  ChangeCase{"two_signatures",
                                                                             [](std::string s) {
                                                                               return s + s;
                                                                             },
                                                                             kShape},
                                                                  ChangeCase{"empty",
                                                                             [](std::string) {
                                                                               return std::string();
                                                                             },
                                                                             kShape}}),
                         [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Hidden, ChangedSignatureTest,
    testing::
        ValuesIn(
            std::vector<ChangeCase>{
                ChangeCase{"comment_in_digest_value",
                           [](std::string s) {
                             return replaced(s, "</ds:DigestValue>", "<!-- x --></ds:DigestValue>");
                           },
                           kShape},
                ChangeCase{"comment_in_value",
                           [](std::string s) {
                             return replaced(s, "<ds:SignatureValue>",
                                             "<ds:SignatureValue><!---->");
                           },
                           kShape},
                ChangeCase{"comment_between",
                           [](std::string s) {
                             return replaced(s, "<ds:KeyInfo>", "<!-- x --><ds:KeyInfo>");
                           },
                           kShape},
                ChangeCase{
                    "instruction",
                    [](std::string s) { return replaced(s, "<ds:KeyInfo>", "<?x?><ds:KeyInfo>"); },
                    kShape},
                ChangeCase{"cdata_in_digest_value",
                           [](std::string s) {
                             return replaced(s, "</ds:DigestValue>",
                                             "<![CDATA[]]></ds:DigestValue>");
                           },
                           kShape},
                ChangeCase{"element_in_digest_value",
                           [](std::string s) {
                             return replaced(s, "</ds:DigestValue>", "<x/></ds:DigestValue>");
                           },
                           kShape},
                ChangeCase{"element_in_value",
                           [](std::string s) {
                             return replaced(s, "</ds:SignatureValue>", "<x/></ds:SignatureValue>");
                           },
                           kShape},
                ChangeCase{
                    "doctype",
                    [](std::string s) { return "<!DOCTYPE ds:Signature [<!ENTITY e \"x\">]>" + s; },
                    kShape},
                ChangeCase{"entity", [](std::string s) { return replaced(s, "CN=Z1", "CN=&e;"); },
                           kShape},
                ChangeCase{"bytes_after", [](std::string s) { return s + std::string(1, '\0'); },
                           kShape},
                ChangeCase{
                    "too_large",
                    [](std::string s) {
                      return replaced(s, "<ds:KeyInfo>", std::string(65536, ' ') + "<ds:KeyInfo>");
                    },
                    kShape}}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(
    KeyInfo, ChangedSignatureTest,
    testing::ValuesIn(std::vector<ChangeCase>{
        ChangeCase{"key_value",
                   [](std::string s) {
                     return replaced(s, element_of(s, "X509Data"),
                                     "<ds:KeyValue>AAAA</ds:KeyValue>");
                   },
                   kShape},
        ChangeCase{"key_value_beside",
                   [](std::string s) {
                     return replaced(s, "</ds:KeyInfo>",
                                     "<ds:KeyValue>AAAA</ds:KeyValue></ds:KeyInfo>");
                   },
                   kShape},
        ChangeCase{"certificate_beside",
                   [](std::string s) {
                     return replaced(s, "</ds:X509Data>",
                                     "<ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data>");
                   },
                   kShape},
        ChangeCase{"retrieval_method",
                   [](std::string s) {
                     return replaced(s, "<ds:X509Data>",
                                     "<ds:RetrievalMethod URI=\"#x\"/><ds:X509Data>");
                   },
                   kShape},
        ChangeCase{"two_certificates",
                   [](std::string s) {
                     const std::string pair = element_of(s, "X509IssuerSerial");
                     return replaced(s, pair, pair + pair);
                   },
                   kShape},
        ChangeCase{"serial_before_issuer",
                   [](std::string s) {
                     const std::string issuer = element_of(s, "X509IssuerName");
                     s = replaced(s, issuer, "");
                     return replaced(s, "</ds:X509IssuerSerial>",
                                     issuer + "</ds:X509IssuerSerial>");
                   },
                   kShape},
        ChangeCase{"serial_in_hex",
                   [](std::string s) {
                     return replaced(s, "<ds:X509SerialNumber>", "<ds:X509SerialNumber>0x");
                   },
                   kShape},
        ChangeCase{"negative_serial",
                   [](std::string s) {
                     return replaced(s, "<ds:X509SerialNumber>", "<ds:X509SerialNumber>-");
                   },
                   kShape},
        ChangeCase{"serial_too_long",
                   [](std::string s) {
                     return replaced(s, "<ds:X509SerialNumber>", "<ds:X509SerialNumber>9999");
                   },
                   kShape},
        ChangeCase{"issuer_no_name", [](std::string s) { return replaced(s, "CN=Z1,OU=07", "Z1"); },
                   kShape}}),
    [](const auto& test) { return std::string(test.param.name); });

INSTANTIATE_TEST_SUITE_P(DigestValues, ChangedSignatureTest,
                         testing::ValuesIn(std::vector<ChangeCase>{
                             ChangeCase{"not_base64",
                                        [](std::string s) {
                                          return replaced(s, "<ds:DigestValue>",
                                                          "<ds:DigestValue>*");
                                        },
                                        kShape},
                             ChangeCase{"too_short",
                                        [](std::string s) {
                                          return replaced(s, element_of(s, "DigestValue"),
                                                          "<ds:DigestValue>AAAA</ds:DigestValue>");
                                        },
                                        kShape},
                             ChangeCase{"empty",
                                        [](std::string s) {
                                          return replaced(s, element_of(s, "DigestValue"),
                                                          "<ds:DigestValue/>");
                                        },
                                        kShape}}),
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
