// xmlsec1 as the witness: it accepts what we sign, and we accept what it signs.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/file.h"
#include "tests/codecs/xmldsig_support.h"

namespace s1flow::codecs::crypto {
namespace {

using namespace testing_support;  // NOLINT: only this file

class XmlsecTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!have_program("xmlsec1")) GTEST_SKIP() << "xmlsec1 is not installed";
  }
  [[nodiscard]] static const PkiEntry& signer() {
    return entry_of(PartyRole::requesting_party, CertificateUse::file_signing);
  }
  [[nodiscard]] int verify(std::string_view document, const std::string& options) const {
    const Path path = folder_.put("signed.xml", document);
    return run("xmlsec1 --verify " + options + " " + shell_quoted(path) + " 2>/dev/null").exit;
  }
  [[nodiscard]] std::string public_key_option() const {
    return "--pubkey-pem " +
           shell_quoted(folder_.put("public.pem", signer().certificate.public_key().to_pem()));
  }
  TempFolder folder_;
};

TEST_F(XmlsecTest, AcceptsWhatWeSign) {
  const std::string document = with_signature(make_signature());
  EXPECT_EQ(verify(document, public_key_option()), 0);
  EXPECT_EQ(verify(document, "--pubkey-cert-pem " + shell_quoted(stem_of(signer()) + ".pem")), 0);
  EXPECT_NE(verify(replaced(document, "x &amp; y", "x &amp; z"), public_key_option()), 0);
}

TEST_F(XmlsecTest, FindsOurSignerByIssuerAndSerial) {
  const Path ca = shared_pki_folder() / "ca";
  EXPECT_EQ(verify(with_signature(make_signature()),
                   "--verification-time '2019-07-01 12:00:00' --trusted-pem " +
                       shell_quoted(ca / "root.pem") + " --untrusted-pem " +
                       shell_quoted(ca / "issuing.pem") + " --untrusted-pem " +
                       shell_quoted(stem_of(signer()) + ".pem")),
            0);
}

struct TemplateCase {
  const char* name;
  const char* prefix;  // of the signature's namespace, with colon
  bool spread_out;
};
class XmlsecTemplateTest : public XmlsecTest, public testing::WithParamInterface<TemplateCase> {};

std::string make_template(const std::string& p, bool spread_out) {
  const std::string gap = spread_out ? "\n  \t" : "";
  const std::string declaration = p.empty() ? "xmlns" : "xmlns:" + p.substr(0, p.size() - 1);
  std::string out =
      "<" + p + "Signature " + declaration + "=\"http://www.w3.org/2000/09/xmldsig#\">" + gap;
  for (const std::string& part :
       {"<" + p + "SignedInfo>",
        "<" + p + "CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>",
        "<" + p +
            "SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
            "\"/>",
        "<" + p + "Reference URI=\"\">", "<" + p + "Transforms>",
        "<" + p + "Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>",
        "</" + p + "Transforms>",
        "<" + p + "DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>",
        "<" + p + "DigestValue/>", "</" + p + "Reference>", "</" + p + "SignedInfo>",
        "<" + p + "SignatureValue/>", "<" + p + "KeyInfo>", "<" + p + "X509Data>",
        "<" + p + "X509IssuerSerial/>", "</" + p + "X509Data>", "</" + p + "KeyInfo>"})
    out += part + gap;
  return out + "</" + p + "Signature>";
}

TEST_P(XmlsecTemplateTest, SignsWhatWeAccept) {
  const std::string unsigned_document =
      with_signature(make_template(GetParam().prefix, GetParam().spread_out));
  const Path in = folder_.put("template.xml", unsigned_document);
  const Path out = folder_.path() / "out.xml";
  const std::string stem = stem_of(signer());
  ASSERT_EQ(run("xmlsec1 --sign --privkey-pem " + shell_quoted(stem + ".key.pem") + "," +
                shell_quoted(stem + ".pem") + " --output " + shell_quoted(out) + " " +
                shell_quoted(in) + " 2>&1")
                .exit,
            0);
  const std::string document = *read_text(out);
  const std::string signature = cut_signature(document, GetParam().prefix);
  // Where the element stands: kDocument declares m and unused.
  const NamespaceContext context{{"m", "urn:example:file"}, {"unused", "urn:example:unused"}};
  const Verdict verdict = judge(signature, context);
  EXPECT_EQ(verdict.outcome, SignatureOutcome::ok) << verdict.why << "\n" << signature;
}
const TemplateCase templates_cases[] = {
    {"usual_prefix", "ds:", false},   {"default_namespace", "", false},
    {"odd_prefix", "s-9.x:", false},  {"spread_out", "ds:", true},
    {"spread_out_default", "", true}, {"prefix_of_the_document", "m:", true},
};
INSTANTIATE_TEST_SUITE_P(Templates, XmlsecTemplateTest, testing::ValuesIn(templates_cases),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace s1flow::codecs::crypto
