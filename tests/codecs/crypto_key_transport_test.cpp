#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "codecs/crypto/key_transport.h"
#include "core/text.h"
#include "tests/codecs/crypto_support.h"

namespace s1flow::codecs::crypto {
namespace {

constexpr Eui64 kSender{0x90B3D51F30000101};
constexpr Eui64 kReceiver{0x90B3D51F30000103};

class KeyAgreementTest : public testing::Test {
 protected:
  [[nodiscard]] bool opens(const AgreedKey& agreed) const { return opens(agreed, info_); }
  [[nodiscard]] bool opens(const AgreedKey& agreed, const AgreementInfo& info) const {
    const auto received = unwrap_by_agreement(agreed.ephemeral, agreed.wrapped, recipient_, info);
    return received && std::ranges::equal(received->bytes(), key_.bytes());
  }
  PrivateKey recipient_ = *PrivateKey::generate(NewKey::p256);
  ContentKey key_ = *ContentKey::generate();
  AgreementInfo info_ = agreement_info(kSender, kReceiver);
  AgreedKey agreed_ = *wrap_by_agreement(key_, recipient_.public_key(), info_);
};

TEST_F(KeyAgreementTest, OpensWhatWasWrapped) {
  EXPECT_TRUE(opens(agreed_));
  const auto again = *wrap_by_agreement(key_, recipient_.public_key(), info_);
  EXPECT_NE(again.ephemeral, agreed_.ephemeral);  // a fresh key each time
  EXPECT_NE(again.wrapped, agreed_.wrapped);
}

TEST_F(KeyAgreementTest, OpensForTheRecipientOnly) {
  const PrivateKey other = *PrivateKey::generate(NewKey::p256);
  EXPECT_FALSE(unwrap_by_agreement(agreed_.ephemeral, agreed_.wrapped, other, info_));
  EXPECT_FALSE(unwrap_by_agreement(agreed_.ephemeral, agreed_.wrapped, PrivateKey(), info_));
  EXPECT_FALSE(unwrap_by_agreement(agreed_.ephemeral, agreed_.wrapped,
                                   testing_support::other_rsa_key(), info_));
}

TEST_F(KeyAgreementTest, RefusesOtherDerivationParameters) {
  EXPECT_FALSE(opens(agreed_, agreement_info(kReceiver, kSender)));
  EXPECT_FALSE(opens(agreed_, agreement_info(kSender, kSender)));
  AgreementInfo info = info_;
  info.algorithm_id.clear();
  EXPECT_FALSE(opens(agreed_, info));
  info = info_;
  info.algorithm_id.back() ^= 1;
  EXPECT_FALSE(opens(agreed_, info));
}

TEST_F(KeyAgreementTest, RefusesEveryChangedByte) {
  for (std::size_t i = 0; i < agreed_.wrapped.size(); ++i) {
    AgreedKey damaged = agreed_;
    damaged.wrapped[i] ^= 0x10;
    EXPECT_FALSE(opens(damaged)) << i;
  }
  for (std::size_t i = 0; i < agreed_.ephemeral.size(); ++i) {
    AgreedKey damaged = agreed_;
    damaged.ephemeral[i] ^= 0x10;
    EXPECT_FALSE(opens(damaged)) << i;
  }
}

TEST_F(KeyAgreementTest, RefusesOtherLengths) {
  const auto bytes = as_text(agreed_.wrapped);
  for (const std::size_t size : {0U, 8U, 16U, 24U, 32U, 39U})
    EXPECT_FALSE(
        unwrap_by_agreement(agreed_.ephemeral, as_bytes(bytes.substr(0, size)), recipient_, info_));
  const std::string longer = std::string(bytes) + std::string(8, '\0');
  EXPECT_FALSE(unwrap_by_agreement(agreed_.ephemeral, as_bytes(longer), recipient_, info_));
}

TEST_F(KeyAgreementTest, RefusesPointsThatAreNoUncompressedPointOfP256) {
  const auto with = [&](std::string point) {
    return unwrap_by_agreement(as_bytes(point), agreed_.wrapped, recipient_, info_).has_value();
  };
  const std::string point(as_text(agreed_.ephemeral));
  EXPECT_TRUE(with(point));
  EXPECT_FALSE(with(""));
  EXPECT_FALSE(with(std::string(1, '\0')));            // infinity
  EXPECT_FALSE(with('\4' + std::string(64, '\0')));    // not on the curve
  EXPECT_FALSE(with('\4' + std::string(64, '\xFF')));  // beyond the field
  const auto odd = static_cast<char>(point.back() & 1);
  EXPECT_FALSE(with(static_cast<char>(2 + odd) + point.substr(1, 32)));  // compressed
  EXPECT_FALSE(with(static_cast<char>(6 + odd) + point.substr(1)));      // hybrid
  EXPECT_FALSE(with(point + '\0'));
}

TEST_F(KeyAgreementTest, NeedsAKeyOnP256) {
  EXPECT_FALSE(wrap_by_agreement(key_, testing_support::other_rsa_key().public_key(), info_));
  EXPECT_FALSE(wrap_by_agreement(key_, PublicKey(), info_));
}

TEST(AgreementInfoTest, HasTheAlgorithmAndBothParties) {
  const AgreementInfo info = agreement_info(kSender, kReceiver);
  EXPECT_EQ(info.algorithm_id, "http://www.w3.org/2001/04/xmlenc#kw-aes256");
  EXPECT_EQ(info.party_u, *decode_hex("90B3D51F30000101"));
  EXPECT_EQ(info.party_v, *decode_hex("90B3D51F30000103"));
}

class RsaTransportTest : public testing::TestWithParam<OaepDigest> {
 protected:
  static const PrivateKey& recipient() { return testing_support::rsa_key(); }
  ContentKey key_ = *ContentKey::generate();
  std::string wrapped_ = *wrap_by_rsa(key_, recipient().public_key(), GetParam());
};

TEST_P(RsaTransportTest, OpensWhatWasWrapped) {
  const auto received = unwrap_by_rsa(as_bytes(wrapped_), recipient(), GetParam());
  ASSERT_TRUE(received);
  EXPECT_TRUE(std::ranges::equal(received->bytes(), key_.bytes()));
}

TEST_P(RsaTransportTest, RefusesOtherDigestsKeysLengthsAndBytes) {
  const auto other_digest = GetParam() == OaepDigest::sha1 ? OaepDigest::sha256 : OaepDigest::sha1;
  EXPECT_FALSE(unwrap_by_rsa(as_bytes(wrapped_), recipient(), other_digest));
  EXPECT_FALSE(unwrap_by_rsa(as_bytes(wrapped_), testing_support::other_rsa_key(), GetParam()));
  EXPECT_FALSE(unwrap_by_rsa(as_bytes(wrapped_), *PrivateKey::generate(NewKey::p256), GetParam()));
  EXPECT_FALSE(unwrap_by_rsa(as_bytes(wrapped_.substr(1)), recipient(), GetParam()));
  EXPECT_FALSE(unwrap_by_rsa(as_bytes(wrapped_ + 'x'), recipient(), GetParam()));
  EXPECT_FALSE(unwrap_by_rsa({}, recipient(), GetParam()));
  for (std::size_t i = 0; i < wrapped_.size(); i += 17) {
    std::string damaged = wrapped_;
    damaged[i] ^= 4;
    EXPECT_FALSE(unwrap_by_rsa(as_bytes(damaged), recipient(), GetParam())) << i;
  }
}

TEST_P(RsaTransportTest, NeedsAnRsaKey) {
  EXPECT_FALSE(wrap_by_rsa(key_, PrivateKey::generate(NewKey::p256)->public_key(), GetParam()));
}
INSTANTIATE_TEST_SUITE_P(Digests, RsaTransportTest,
                         testing::Values(OaepDigest::sha1, OaepDigest::sha256),
                         [](const auto& test) {
                           return std::string(test.param == OaepDigest::sha1 ? "sha1" : "sha256");
                         });

// RFC 7518, appendix C: the same agreement and derivation, with the info of its own form.
std::string private_pem(std::string_view number) {
  const std::string der =
      *decode_hex("30310201010420" + std::string(number) + "A00A06082A8648CE3D030107");
  std::string base64;
  append_base64(base64, as_bytes(der));
  return "-----BEGIN EC PRIVATE KEY-----\n" + base64 + "\n-----END EC PRIVATE KEY-----\n";
}

TEST(PublishedAgreementTest, GivesTheValuesOfRfc7518FromBothSides) {
  const std::string alice =
      "808D060082C176EED3E776A4AC598CC8672C1779F974EECC9B03411CA5B9495D"
      "48B5BFC527DFCE53D6AC7115237D031CCFF87A0570B77350A9E503EE7305A69B";
  const std::string bob =
      "C1E349CB61EC70248CE801034C3834E1B88EBE1161CB25AF38741F785FCFC4C4"
      "7BC96708EF80952B53F8D2555FE72B841ED04588628B1D378A594939500EC9C9";
  const struct {
    const char* own;
    const std::string& peer;
  } sides[] = {{"D3F3716913D4310A0026DE741B3F18893AFC8114F0C84682BA677E313A13988A", bob},
               {"5449836690D75CAF29F0DD029DDB31B3DDB8ABA9D2D515C5012465E817D4A9DC", alice}};
  for (const auto& side : sides) {
    const auto own = PrivateKey::from_pem(private_pem(side.own));
    ASSERT_TRUE(own) << own.error().message();
    const auto peer = PublicKey::from_p256_point(as_bytes(*decode_hex("04" + side.peer)));
    ASSERT_TRUE(peer);
    const auto shared = agree(*own, *peer);
    ASSERT_TRUE(shared);
    std::string hex;
    append_hex(hex, shared->bytes());
    EXPECT_EQ(hex, "9E56D91D817135D372834283BF84269CFB316EA3DA806A48F6DAA7798CFE90C4");
    const AgreementInfo info{.algorithm_id = *decode_hex("000000074131323847434D"),
                             .party_u = *decode_hex("00000005416C696365"),
                             .party_v = *decode_hex("00000003426F6200000080")};
    hex.clear();
    append_hex(hex, derive_wrap_key(*shared, info).bytes().first(16));
    EXPECT_EQ(hex, "56AA8DEAF8236D205C2228CD71A7101A");
  }
}

}  // namespace
}  // namespace s1flow::codecs::crypto
