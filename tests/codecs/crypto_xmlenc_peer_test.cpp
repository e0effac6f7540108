// Independent implementations as witnesses: xmlsec1 decrypts the RSA form in place, and a Python
// program that was written from the format's description reads and writes all forms.

#include <string>

#include <gtest/gtest.h>

#include "codecs/crypto/xmlenc.h"
#include "core/text.h"
#include "tests/codecs/xmldsig_support.h"

namespace s1flow::codecs::crypto {
namespace {

using namespace testing_support;  // NOLINT: only this file

const PkiEntry& recipient(PartyRole role, KeyTransport transport) {
  return entry_of(role, transport == KeyTransport::ecdh_es ? CertificateUse::key_agreement
                                                           : CertificateUse::key_encipherment);
}

std::string credential(int n) {
  return "<c:Credential xmlns:c=\"urn:example:c\">" + std::to_string(n) + "</c:Credential>";
}

// A file for two recipients, S1SP and DCO, in the layout that migration files have: keys in the
// header, values in the records.
std::string make_file(KeyTransport transport, Declare declare, int records) {
  const ContentKey for_s1sp = *ContentKey::generate();
  const ContentKey for_dco = *ContentKey::generate();
  std::string out = "<f:File xmlns:f=\"urn:example:f\"";
  if (declare == Declare::outside)
    out +=
        " xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\""
        " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";
  out += "><f:Header>";
  EncryptedKeySpec spec;
  spec.transport = transport;
  spec.originator = kRequestingParty;
  spec.id = "for-s1sp";
  spec.certificate = recipient(PartyRole::s1sp, transport).certificate;
  EXPECT_TRUE(append_encrypted_key(out, for_s1sp, spec, declare));
  spec.id = "for-dco";
  spec.certificate = recipient(PartyRole::dco, transport).certificate;
  EXPECT_TRUE(append_encrypted_key(out, for_dco, spec, declare));
  out += "</f:Header>";
  auto s1sp_sealer = *ContentSealer::make(for_s1sp);
  auto dco_sealer = *ContentSealer::make(for_dco);
  const EncryptedDataForm s1sp_form(KeyLinkKind::retrieval_method, "for-s1sp", declare);
  const EncryptedDataForm dco_form(KeyLinkKind::retrieval_method, "for-dco", declare);
  for (int i = 0; i < records; ++i) {
    const auto ordinal = static_cast<std::uint64_t>(i);
    out += "<f:Record>";
    EXPECT_TRUE(
        s1sp_form.append_sealed(out, s1sp_sealer, {ordinal, 0}, as_bytes(credential(10 + i))));
    EXPECT_TRUE(
        dco_form.append_sealed(out, dco_sealer, {ordinal, 1}, as_bytes(credential(50 + i))));
    out += "</f:Record>";
  }
  return out + "</f:File>";
}

TEST(XmlsecDecryptTest, ReplacesAnEncryptedDataOfTheRsaFormInPlace) {
  if (!have_program("xmlsec1")) GTEST_SKIP() << "xmlsec1 is not installed";
  const TempFolder folder;
  for (const Declare declare : {Declare::here, Declare::outside}) {
    const Path file = folder.put("in.xml", make_file(KeyTransport::rsa_oaep_sha1, declare, 2));
    const auto decrypt = [&](PartyRole role, int which) {
      const PkiEntry& entry = recipient(role, KeyTransport::rsa_oaep_sha1);
      return run("xmlsec1 --decrypt --privkey-pem " + shell_quoted(stem_of(entry) + ".key.pem") +
                 " --id-attr:Id http://www.w3.org/2001/04/xmlenc#:EncryptedKey --node-xpath "
                 "\"(//*[local-name()='EncryptedData'])[" +
                 std::to_string(which) + "]\" " + shell_quoted(file) + " 2>/dev/null");
    };
    const auto first = decrypt(PartyRole::s1sp, 1);
    EXPECT_EQ(first.exit, 0);
    EXPECT_NE(first.out.find("<f:Record>" + credential(10) + "<xenc:EncryptedData"),
              std::string::npos)
        << first.out;
    const auto last = decrypt(PartyRole::dco, 4);
    EXPECT_EQ(last.exit, 0);
    EXPECT_NE(last.out.find(credential(51)), std::string::npos);
    EXPECT_NE(decrypt(PartyRole::dco, 1).exit, 0) << "not for this key";
  }
}

std::string peer() {
  return "python3 " + shell_quoted(Path(S1FLOW_SOURCE_DIR) / "tests/codecs/xmlenc_peer.py") + " ";
}

class EncryptionPeerTest : public testing::TestWithParam<KeyTransport> {
 protected:
  void SetUp() override {
    if (!have_python_cryptography()) GTEST_SKIP() << "python3-cryptography is not installed";
  }
  TempFolder folder_;
};

TEST_P(EncryptionPeerTest, ReadsWhatWeWrite) {
  const Path file = folder_.put("in.xml", make_file(GetParam(), Declare::here, 3));
  const std::string stem = stem_of(recipient(PartyRole::dco, GetParam()));
  const auto opened =
      run(peer() + "open " + shell_quoted(file) + " " + shell_quoted(stem + ".key.pem") + " " +
          shell_quoted(stem + ".pem") + " 2>&1");
  EXPECT_EQ(opened.exit, 0);
  EXPECT_EQ(opened.out, credential(50) + "\n" + credential(51) + "\n" + credential(52) + "\n");
}

std::vector<std::string> elements_named(const std::string& text, const std::string& name) {
  std::vector<std::string> found;
  const std::string open = "<" + name + " ";
  const std::string close = "</" + name + ">";
  for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open, at + 1))
    found.push_back(text.substr(at, text.find(close, at) + close.size() - at));
  return found;
}

TEST_P(EncryptionPeerTest, WritesWhatWeRead) {
  static constexpr const char* kTransports[] = {"ecdh", "rsa1", "rsa256"};
  const PkiEntry& entry = recipient(PartyRole::s1sp, GetParam());
  std::string originator;
  kRequestingParty.append_plain_to(originator);
  const auto made = run(peer() + "seal " + shell_quoted(stem_of(entry) + ".pem") + " " +
                        kTransports[static_cast<int>(GetParam())] + " " + originator +
                        " '<a>one</a>' '<a/>' 2>&1");
  ASSERT_EQ(made.exit, 0) << made.out;
  const NamespaceContext context{{"e", "http://www.w3.org/2001/04/xmlenc#"},
                                 {"d", "http://www.w3.org/2000/09/xmldsig#"}};
  const auto key_texts = elements_named(made.out, "e:EncryptedKey");
  const auto data_texts = elements_named(made.out, "e:EncryptedData");
  ASSERT_EQ(key_texts.size(), 1U);
  ASSERT_EQ(data_texts.size(), 2U);
  EncryptionReader reader;
  ParsedEncryptedKey key;
  const EncryptionReading reading = reader.read_key(key_texts[0], context, key);
  ASSERT_EQ(reading.shape, EncryptionShape::ok) << reading.why;
  const KeyHolder holder{entry.certificate, entry.key(), ""};
  const auto received = ReceivedKeys::open({&key, 1}, {&holder, 1}, kRequestingParty);
  ASSERT_EQ(received.outcome(), KeyOpening::ok);
  const char* const expected[] = {"<a>one</a>", "<a/>"};
  for (std::size_t i = 0; i < 2; ++i) {
    ParsedEncryptedData data;
    ASSERT_EQ(reader.read_data(data_texts[i], context, data).shape, EncryptionShape::ok);
    const ReceivedKey* content = received.find(data.link_kind, data.link);
    ASSERT_NE(content, nullptr);
    Secret plaintext;
    EXPECT_TRUE(ContentOpener::make(*content)->open(data.cipher_value, plaintext));
    EXPECT_EQ(plaintext.view(), expected[i]);
  }
}
INSTANTIATE_TEST_SUITE_P(Kinds, EncryptionPeerTest,
                         testing::Values(KeyTransport::ecdh_es, KeyTransport::rsa_oaep_sha1,
                                         KeyTransport::rsa_oaep_sha256),
                         [](const auto& test) { return transport_name(test.param); });

}  // namespace
}  // namespace s1flow::codecs::crypto
