#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "codecs/crypto/key.h"
#include "core/text.h"
#include "tests/codecs/crypto_support.h"

namespace s1flow::codecs::crypto {
namespace {

using testing_support::run;
using testing_support::shell_quoted;
using testing_support::TempFolder;

constexpr std::string_view kMessage = "installations move on a Monday";

// The order of P-256 and its neighbours.
constexpr std::string_view kOrder =
    "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";
constexpr std::string_view kOrderPlusOne =
    "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632552";
constexpr std::string_view kOrderMinusOne =
    "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550";
const std::string zeros(64, '0');
const std::string all_ones(64, 'F');

PrivateKey make_key() {
  return *PrivateKey::generate(NewKey::p256);
}

bool verifies(const PublicKey& key, std::span<const unsigned char> signature,
              std::string_view message = kMessage) {
  return Verifier().verify(key, as_bytes(message), signature);
}

TEST(SignerTest, SignaturesVerifyAndFlippedBitsDoNot) {
  const PrivateKey key = make_key();
  auto signer = Signer::make(key);
  ASSERT_TRUE(signer);
  Verifier verifier;
  for (int i = 0; i < 50; ++i) {  // short r and s turn up among these
    const auto signature = signer->sign(as_bytes(kMessage));
    ASSERT_TRUE(signature);
    EXPECT_TRUE(verifier.verify(key.public_key(), as_bytes(kMessage), *signature));
    auto damaged = *signature;
    damaged[static_cast<std::size_t>(i)] ^= static_cast<unsigned char>(1U << (i % 8));
    EXPECT_FALSE(verifier.verify(key.public_key(), as_bytes(kMessage), damaged));
  }
}

TEST(SignerTest, RefusesOtherMessageAndOtherKey) {
  const PrivateKey key = make_key();
  const auto signature = Signer::make(key)->sign(as_bytes(kMessage));
  EXPECT_FALSE(verifies(key.public_key(), *signature, "installations move on a Tuesday"));
  EXPECT_FALSE(verifies(make_key().public_key(), *signature));
}

TEST(SignerTest, NeedsAKeyOnP256) {
  const auto signer = Signer::make(testing_support::rsa_key());
  ASSERT_FALSE(signer);
  EXPECT_EQ(signer.error().kind(), ErrorKind::usage);
  EXPECT_FALSE(Signer::make(PrivateKey()));
}

TEST(VerifierTest, AcceptsTheOtherS) {
  // XML Signature has no low-s rule: n - s verifies too.
  const PrivateKey key = make_key();
  auto signature = *Signer::make(key)->sign(as_bytes(kMessage));
  const std::string order = *decode_hex(kOrder);
  int borrow = 0;
  for (std::size_t i = 32; i-- > 0;) {
    const int difference = static_cast<unsigned char>(order[i]) - signature[32 + i] - borrow;
    borrow = difference < 0 ? 1 : 0;
    signature[32 + i] = static_cast<unsigned char>(difference & 0xFF);
  }
  EXPECT_TRUE(verifies(key.public_key(), signature));
}

TEST(VerifierTest, SwitchesBetweenSigners) {
  const PrivateKey first = make_key();
  const PrivateKey second = make_key();
  const auto by_first = *Signer::make(first)->sign(as_bytes(kMessage));
  const auto by_second = *Signer::make(second)->sign(as_bytes(kMessage));
  Verifier verifier;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(verifier.verify(first.public_key(), as_bytes(kMessage), by_first));
    EXPECT_TRUE(verifier.verify(second.public_key(), as_bytes(kMessage), by_second));
    EXPECT_FALSE(verifier.verify(first.public_key(), as_bytes(kMessage), by_second));
  }
}

TEST(VerifierTest, RefusesRsaAndMissingKeys) {
  const auto signature = *Signer::make(make_key())->sign(as_bytes(kMessage));
  EXPECT_FALSE(verifies(testing_support::rsa_key().public_key(), signature));
  EXPECT_FALSE(verifies(PublicKey(), signature));
}

struct MalformedCase {
  const char* name;
  std::string hex;  // of r and s
};
class MalformedSignatureTest : public testing::TestWithParam<MalformedCase> {};

TEST_P(MalformedSignatureTest, IsRefused) {
  static const PrivateKey key = make_key();
  EXPECT_FALSE(verifies(key.public_key(), as_bytes(*decode_hex(GetParam().hex))));
}
const MalformedCase values_cases[] = {
    {"empty", ""},
    {"both_zero", zeros + zeros},
    {"r_zero", zeros + std::string(kOrderMinusOne)},
    {"s_zero", std::string(kOrderMinusOne) + zeros},
    {"r_is_order", std::string(kOrder) + std::string(kOrderMinusOne)},
    {"s_is_order", std::string(kOrderMinusOne) + std::string(kOrder)},
    {"r_above_order", std::string(kOrderPlusOne) + std::string(kOrderMinusOne)},
    {"s_all_ones", std::string(kOrderMinusOne) + all_ones},
    {"nothing_fits", std::string(kOrderMinusOne) + std::string(kOrderMinusOne)},
};
INSTANTIATE_TEST_SUITE_P(Values, MalformedSignatureTest, testing::ValuesIn(values_cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(VerifierTest, DemandsExactly64Bytes) {
  const PrivateKey key = make_key();
  const auto signature = *Signer::make(key)->sign(as_bytes(kMessage));
  std::string bytes(as_text(signature));
  EXPECT_FALSE(verifies(key.public_key(), as_bytes(bytes.substr(0, 63))));
  EXPECT_FALSE(verifies(key.public_key(), as_bytes(bytes.substr(1))));
  EXPECT_FALSE(verifies(key.public_key(), as_bytes(bytes + '\0')));
  EXPECT_FALSE(verifies(key.public_key(), as_bytes('\0' + bytes)));
  EXPECT_FALSE(verifies(key.public_key(), as_bytes(bytes + bytes)));
}

TEST(VerifierTest, RefusesDer) {
  // openssl signs in DER, which starts with 30 and has about 70 bytes.
  const TempFolder folder;
  const PrivateKey key = make_key();
  const Path pem = folder.put("key.pem", key.to_pem()->view());
  const Path message = folder.put("message", kMessage);
  const auto signed_by_tool = run("openssl dgst -sha256 -sign " + shell_quoted(pem) + " " +
                                  shell_quoted(message) + " 2>/dev/null");
  if (signed_by_tool.exit != 0) GTEST_SKIP() << "the openssl program is not installed";
  EXPECT_FALSE(verifies(key.public_key(), as_bytes(signed_by_tool.out)));
}

TEST(PrivateKeyTest, SurvivesWritingAndReading) {
  for (const PrivateKey& key : {make_key(), testing_support::rsa_key()}) {
    const auto again = PrivateKey::from_pem(key.to_pem()->view());
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->public_key() == key.public_key());
    EXPECT_EQ(again->type(), key.type());
    const auto public_half = PublicKey::from_pem(key.public_key().to_pem());
    ASSERT_TRUE(public_half);
    EXPECT_TRUE(*public_half == key.public_key());
  }
}

TEST(PrivateKeyTest, NeedsThePassphraseOfAnEncryptedKeyAndNeverShowsIt) {
  const TempFolder folder;
  const Path plain = folder.put("plain.pem", make_key().to_pem()->view());
  const Path locked = folder.path() / "locked.pem";
  if (run("openssl pkcs8 -topk8 -v2 aes-256-cbc -passout pass:week17 -in " + shell_quoted(plain) +
          " -out " + shell_quoted(locked) + " 2>/dev/null")
          .exit != 0)
    GTEST_SKIP() << "the openssl program is not installed";
  const auto pem = read_secret(locked);
  ASSERT_TRUE(pem);
  EXPECT_TRUE(PrivateKey::from_pem(pem->view(), "week17"));
  const auto without = PrivateKey::from_pem(pem->view());
  ASSERT_FALSE(without);
  EXPECT_NE(without.error().message().find("give its passphrase"), std::string::npos);
  const auto wrong = PrivateKey::from_pem(pem->view(), "week18");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message().find("week18"), std::string::npos);
}

struct UnsupportedCase {
  const char* name;
  const char* command;  // of openssl, after the program's name
};
class UnsupportedKeyTest : public testing::TestWithParam<UnsupportedCase> {};

TEST_P(UnsupportedKeyTest, IsRefused) {
  const auto made = run(std::string("openssl ") + GetParam().command + " 2>/dev/null");
  if (made.exit != 0) GTEST_SKIP() << "the openssl program is not installed or cannot make it";
  const auto key = PrivateKey::from_pem(made.out);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().kind(), ErrorKind::usage);
}
const UnsupportedCase kinds_cases[] = {
    {"p384", "ecparam -name secp384r1 -genkey -noout"},
    {"k256", "ecparam -name secp256k1 -genkey -noout"},
    {"explicit_curve", "ecparam -name secp384r1 -genkey -noout -param_enc explicit"},
    {"short_rsa", "genrsa 1024"},
    {"ed25519", "genpkey -algorithm ed25519"},
    {"random_text", "rand -base64 300"},
};
INSTANTIATE_TEST_SUITE_P(Kinds, UnsupportedKeyTest, testing::ValuesIn(kinds_cases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(PrivateKeyTest, RefusesGarbageAndCutFiles) {
  const PrivateKey key = make_key();
  const Secret pem = *key.to_pem();
  for (std::size_t size = 0; size + 2 < pem.size(); size += 7)
    EXPECT_FALSE(PrivateKey::from_pem(pem.view().substr(0, size))) << size;
  EXPECT_FALSE(PrivateKey::from_pem(key.public_key().to_pem()));
  EXPECT_FALSE(PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"));
}

TEST(PublicKeyTest, TakesOnlyUncompressedPointsOnTheCurve) {
  const auto point = make_key().public_key().p256_point();
  ASSERT_TRUE(point);
  EXPECT_TRUE(PublicKey::from_p256_point(*point));

  auto off_curve = *point;
  off_curve[64] ^= 1;
  EXPECT_FALSE(PublicKey::from_p256_point(off_curve));

  for (const unsigned char form : {0, 2, 3, 6, 7, 5, 255}) {  // 6 and 7 are the hybrid forms
    auto other_form = *point;
    other_form[0] = form;
    EXPECT_FALSE(PublicKey::from_p256_point(other_form)) << static_cast<int>(form);
  }
  auto hybrid = *point;
  hybrid[0] = static_cast<unsigned char>(6 + (hybrid[64] & 1));  // valid as a hybrid form
  EXPECT_FALSE(PublicKey::from_p256_point(hybrid));

  std::array<unsigned char, 65> zero_point{};
  zero_point[0] = 4;
  EXPECT_FALSE(PublicKey::from_p256_point(zero_point));
  const unsigned char infinity = 0;
  EXPECT_FALSE(PublicKey::from_p256_point({&infinity, 1}));
  std::array<unsigned char, 65> beyond_field;
  beyond_field.fill(0xFF);
  beyond_field[0] = 4;
  EXPECT_FALSE(PublicKey::from_p256_point(beyond_field));

  std::array<unsigned char, 33> compressed{};
  std::copy_n(point->begin(), 33, compressed.begin());
  compressed[0] = static_cast<unsigned char>(2 + (point->back() & 1));
  EXPECT_FALSE(PublicKey::from_p256_point(compressed));
}

}  // namespace
}  // namespace s1flow::codecs::crypto
