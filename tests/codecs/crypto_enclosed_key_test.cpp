// Values that bring their own key, and the table that makes wrapping for one recipient quick.

#include <algorithm>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "codecs/crypto/enclosed_key.h"
#include "codecs/crypto/xml_security_names.h"
#include "core/text.h"
#include "tests/codecs/crypto_support.h"
#include "tests/codecs/xmldsig_support.h"

namespace s1flow::codecs::crypto {
namespace {

using namespace testing_support;  // NOLINT: only this file

constexpr Eui64 kSender{0x90B3D51F30000101};
constexpr Eui64 kReceiver{0x90B3D51F30000103};

// The other way to agree, EVP's, opens what the table wraps.
TEST(AgreementTableTest, AgreesWithTheOtherWay) {
  const AgreementInfo info = agreement_info(kSender, kReceiver);
  for (int i = 0; i < 20; ++i) {
    const PrivateKey recipient = *PrivateKey::generate(NewKey::p256);
    const auto table = AgreementTable::make(recipient.public_key());
    ASSERT_TRUE(table);
    std::set<std::string> points;
    for (int j = 0; j < 10; ++j) {
      const ContentKey key = *ContentKey::generate();
      const auto agreed = table->wrap(key, info);
      ASSERT_TRUE(agreed);
      points.insert(std::string(as_text(agreed->ephemeral)));
      const auto opened = unwrap_by_agreement(agreed->ephemeral, agreed->wrapped, recipient, info);
      ASSERT_TRUE(opened);
      EXPECT_TRUE(std::ranges::equal(opened->bytes(), key.bytes()));
      const PrivateKey other = *PrivateKey::generate(NewKey::p256);
      EXPECT_FALSE(unwrap_by_agreement(agreed->ephemeral, agreed->wrapped, other, info));
    }
    EXPECT_EQ(points.size(), 10U);  // a fresh key each time
  }
}

TEST(AgreementTableTest, RefusesOtherKeys) {
  const auto refused = AgreementTable::make(other_rsa_key().public_key());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::usage);
  EXPECT_FALSE(AgreementTable::make(PublicKey()));
}

class EnclosedKeyTest : public testing::TestWithParam<KeyTransport> {
 protected:
  EnclosedKeyTest()
      : entry_(entry_of(PartyRole::dco, GetParam() == KeyTransport::ecdh_es
                                            ? CertificateUse::key_agreement
                                            : CertificateUse::key_encipherment)) {
    EncryptedKeySpec spec;
    spec.transport = GetParam();
    spec.originator = kRequestingParty;
    spec.certificate = entry_.certificate;
    wrapper_ = *KeyWrapper::make(spec);
  }
  [[nodiscard]] std::string value(std::string_view id, std::string_view plain = kPlain) const {
    std::string out;
    EXPECT_TRUE(append_under_own_key(out, *wrapper_, id, as_bytes(plain)));
    return out;
  }
  // What it holds, for the holder of the entry's key; empty when it does not open.
  [[nodiscard]] std::string opened(const std::string& text) {
    ParsedEnclosedData data;
    if (reader_.read(text, {}, data).shape != EncryptionShape::ok) return {};
    const KeyHolder holder{.certificate = entry_.certificate, .key = entry_.key(), .key_name = {}};
    const auto keys = ReceivedKeys::open({&data.key, 1}, {&holder, 1}, kRequestingParty);
    const ReceivedKey* key = keys.find(KeyLinkKind::retrieval_method, data.key.id);
    if (key == nullptr) return {};
    Secret plain;
    ContentOpener opener = *ContentOpener::make(*key);
    return opener.open(data.cipher_value, plain) ? std::string(plain.view()) : std::string();
  }
  static constexpr std::string_view kPlain = "<a xmlns=\"urn:a\">secret</a>";
  const PkiEntry& entry_;
  std::optional<KeyWrapper> wrapper_;
  EnclosedKeyReader reader_;
};

TEST_P(EnclosedKeyTest, OpensForItsRecipient) {
  const std::string one = value("k-1"), two = value("k-2");
  EXPECT_EQ(opened(one), kPlain);
  EXPECT_EQ(opened(two), kPlain);
  EXPECT_NE(one, two);
  // The key of one does not open the other.
  const auto value_at = [](const std::string& t) { return t.rfind("<xenc:CipherValue>"); };
  EXPECT_EQ(opened(one.substr(0, value_at(one)) + two.substr(value_at(two))), "");
}

TEST_P(EnclosedKeyTest, IsReadByOneShapeOnly) {
  const std::string good = value("k-1");
  const std::size_t from = good.find("<xenc:EncryptedKey");
  const std::size_t to = good.find("</xenc:EncryptedKey>") + 20;
  const std::string key = good.substr(from, to - from);
  const auto shape_of = [&](const std::string& text) {
    ParsedEnclosedData data;
    return reader_.read(text, {}, data).shape;
  };
  EXPECT_EQ(shape_of(good), EncryptionShape::ok);
  for (const std::string& text :
       {replaced(good, key, key + key), replaced(good, key, ""),
        replaced(good, key, "<ds:KeyName>n</ds:KeyName>"),
        replaced(good, key, key + "<ds:KeyName>n</ds:KeyName>"), replaced(good, key, "x" + key),
        replaced(good, " Id=\"k-1\"", ""),
        replaced(good, "<xenc:EncryptedData", "<xenc:EncryptedDatum"), good.substr(1), good + "x"})
    EXPECT_EQ(shape_of(text), EncryptionShape::wrong_shape) << text;
  EXPECT_EQ(shape_of(replaced(good, std::string(uri::kAes256Gcm), "urn:other")),
            EncryptionShape::algorithm_not_allowed);
  // The reader of keys in the header does not take it.
  EncryptionReader other;
  ParsedEncryptedData data;
  EXPECT_EQ(other.read_data(good, {}, data).shape, EncryptionShape::wrong_shape);
}

TEST_P(EnclosedKeyTest, OpensNothingThatWasChanged) {
  const std::string good = value("k-1");
  std::size_t values = 0;
  for (std::size_t at = good.find("<xenc:CipherValue>"); at != std::string::npos;
       at = good.find("<xenc:CipherValue>", at + 1)) {
    ++values;
    std::string changed = good;
    char& c = changed[at + 30];
    c = c == 'A' ? 'B' : 'A';
    EXPECT_EQ(opened(changed), "");
  }
  EXPECT_EQ(values, 2U);
}

std::string name_of_transport(const testing::TestParamInfo<KeyTransport>& test) {
  constexpr const char* kNames[] = {"EcdhEs", "OaepSha1", "OaepSha256"};
  return kNames[static_cast<std::size_t>(test.param)];
}
INSTANTIATE_TEST_SUITE_P(Transports, EnclosedKeyTest,
                         testing::Values(KeyTransport::ecdh_es, KeyTransport::rsa_oaep_sha1,
                                         KeyTransport::rsa_oaep_sha256),
                         name_of_transport);

TEST(KeyWrapperTest, RefusesAsWritersOfKeysDo) {
  EncryptedKeySpec spec;
  spec.originator = kRequestingParty;
  EXPECT_FALSE(KeyWrapper::make(spec));  // no certificate
  spec.certificate = entry_of(PartyRole::dco, CertificateUse::key_encipherment).certificate;
  EXPECT_FALSE(KeyWrapper::make(spec));  // one for another use
}

}  // namespace
}  // namespace s1flow::codecs::crypto
