// xmlsec1 as the witness of signed requests and responses.

#include <gtest/gtest.h>

#include "tests/codecs/duis_support.h"
#include "tests/codecs/xmldsig_support.h"

namespace s1flow::codecs::duis {
namespace {

using namespace testing_support;          // NOLINT: only this file
using namespace crypto::testing_support;  // NOLINT: only this file
using crypto::CertificateUse;
using crypto::PartyRole;

class XmlsecRequestTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!have_program("xmlsec1")) GTEST_SKIP() << "xmlsec1 is not installed";
  }
  [[nodiscard]] static int verify(std::string_view text, PartyRole signer) {
    const TempFolder folder;
    const Path file = folder.put("message.xml", text);
    return run("xmlsec1 --verify --pubkey-cert-pem " +
               shell_quoted(stem_of(entry_of(signer, CertificateUse::xml_signing)) + ".pem") + " " +
               shell_quoted(file) + " 2>/dev/null")
        .exit;
  }
};

TEST_P(XmlsecRequestTest, IsGood) {
  const std::string request = request_of(GetParam(), 1666888999000);
  EXPECT_EQ(verify(request, PartyRole::supplier), 0);
  EXPECT_NE(verify(replaced(request, ":1666888999000<", ":1666888999001<"), PartyRole::supplier),
            0);
  EXPECT_NE(verify(request, PartyRole::dcc), 0);
}
INSTANTIATE_TEST_SUITE_P(Variants, XmlsecRequestTest,
                         testing::Values("1.1.1", "3.1", "4.8.1", "6.14.3", "6.15.1", "8.2", "8.11",
                                         "11.1"),
                         [](const auto& test) {
                           std::string name = "Srv";
                           for (const char* c = test.param; *c != 0; ++c)
                             name += *c == '.' ? '_' : *c;
                           return name;
                         });

class XmlsecMessageTest : public XmlsecRequestTest {};
TEST_P(XmlsecMessageTest, IsGood) {
  const std::string what = GetParam();
  std::string text;
  if (what == "pre_command") {
    RequestSigner signer = supplier_signer();
    ASSERT_TRUE(append_signed_pre_command(text, signer, srv("6.15.1"), values_of(1), {}));
    EXPECT_EQ(verify(text, PartyRole::supplier), 0);
    return;
  }
  ResponseWriter writer = make_response_writer();
  const MessageId id{kSupplier, testing_support::kDevice, 7};
  ASSERT_TRUE(writer.append_response(text,
                                     {id, id.answered(), response_code::kI0, clock_of_tests()},
                                     srv("4.1.1"), GbcsPayload{}, OuterSignature::yes));
  EXPECT_EQ(verify(text, PartyRole::dcc), 0);
}
INSTANTIATE_TEST_SUITE_P(Kinds, XmlsecMessageTest, testing::Values("pre_command", "response"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace s1flow::codecs::duis
