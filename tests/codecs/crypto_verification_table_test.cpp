// Signatures checked by a table of the signer's multiples, against the EVP way.

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "codecs/crypto/key.h"
#include "codecs/crypto/verification_table.h"
#include "core/random.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

Sha256Digest digest_of(std::string_view hex) {
  const std::string octets = decode_hex(hex).value();
  Sha256Digest digest{};
  std::copy(octets.begin(), octets.end(), digest.begin());
  return digest;
}

EcdsaSignature signature_of(std::string_view r, std::string_view s) {
  const std::string octets = decode_hex(std::string(r) + std::string(s)).value();
  EcdsaSignature signature{};
  std::copy(octets.begin(), octets.end(), signature.begin());
  return signature;
}

Sha256Digest random_digest(Random& random) {
  Sha256Digest digest{};
  for (unsigned char& b : digest) b = static_cast<unsigned char>(random.below(256));
  return digest;
}

std::optional<bool> by_table(const VerificationTable& table, const Sha256Digest& digest,
                             const EcdsaSignature& signature) {
  return table.holds(digest, std::span(signature).first(32), std::span(signature).last(32));
}

TEST(VerificationTableTest, SaysWhatTheEvpWaySays) {
  Random random(11);
  Verifier evp;
  int good = 0, bad = 0;
  for (int k = 0; k < 3; ++k) {
    const PrivateKey key = *PrivateKey::generate(NewKey::p256);
    Signer signer = *Signer::make(key);
    const auto table = VerificationTable::make(key.public_key());
    ASSERT_NE(table, nullptr);
    std::vector<Sha256Digest> digests{digest_of(std::string(64, '0')),
                                      digest_of(std::string(64, 'F'))};
    while (digests.size() < 60) digests.push_back(random_digest(random));
    for (const Sha256Digest& digest : digests) {
      const EcdsaSignature signature = *signer.sign_digest(digest);
      ASSERT_EQ(by_table(*table, digest, signature), true);
      for (int spoilt = 0; spoilt < 4; ++spoilt) {
        EcdsaSignature other = signature;
        other[8 + random.below(24) + (spoilt % 2 == 0 ? 0 : 32)] ^=
            static_cast<unsigned char>(1U << random.below(8));
        const bool expected = evp.verify_digest(key.public_key(), digest, other);
        ASSERT_EQ(by_table(*table, digest, other), expected);
        (expected ? good : bad) += 1;
      }
      ASSERT_EQ(by_table(*table, random_digest(random), signature), false);
    }
  }
  EXPECT_EQ(good, 0);
  EXPECT_EQ(bad, 3 * 60 * 4);
}

// With the generator itself for a key, and so 1 for the private half, both products can be made to
// meet.
TEST(VerificationTableTest, AddsAPointToItselfAndToItsOpposite) {
  constexpr std::string_view kX =
      "6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296";
  constexpr std::string_view kY =
      "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5";
  constexpr std::string_view kTwiceX =
      "D62FA3E5C258848FF179CDCAC74881E4EE06FB025BD66741E942728BB131852C";
  constexpr std::string_view kOrderLessX =
      "94E82E0C1ED3BDB90743191A9C5BBF0D45E37D2C792C6AE3FF18917D23CA62BB";
  std::string point = decode_hex("04" + std::string(kX) + std::string(kY)).value();
  const auto key = PublicKey::from_p256_point(as_bytes(point));
  ASSERT_TRUE(key);
  const auto table = VerificationTable::make(*key);
  ASSERT_NE(table, nullptr);
  Verifier evp;
  const EcdsaSignature doubled = signature_of(kX, kTwiceX);
  EXPECT_TRUE(evp.verify_digest(*key, digest_of(kX), doubled));
  EXPECT_EQ(by_table(*table, digest_of(kX), doubled), true);
  for (const std::string_view s : {kX, kTwiceX, kOrderLessX}) {
    const EcdsaSignature nowhere = signature_of(kX, s);
    EXPECT_FALSE(evp.verify_digest(*key, digest_of(kOrderLessX), nowhere));
    EXPECT_EQ(by_table(*table, digest_of(kOrderLessX), nowhere), false);
  }
}

// The point that is computed may have an x beyond the order, of which r is the rest: one in 2^128
// does, so the key and the signature were made from such a point, whose x is the order and three.
TEST(VerificationTableTest, TakesAnXBeyondTheOrder) {
  std::string point = decode_hex(
                          "04A14DEB3126AB345081CDE7DF3D6A97E7B46C27B7200401CE1A7860DC041E4543"
                          "F11A8E6B773E745F0A0AAA224504A70D2E0733433BFA1E65A7C222EA8C8ECAF4")
                          .value();
  const auto key = PublicKey::from_p256_point(as_bytes(point));
  ASSERT_TRUE(key);
  const auto table = VerificationTable::make(*key);
  ASSERT_NE(table, nullptr);
  const Sha256Digest digest =
      digest_of("0AE2BE45009AC8655A0BE0DEE6E02F35646DE333360FE4BF937C49F1B6DA0E71");
  const std::string zeros(62, '0');
  constexpr std::string_view kS =
      "545C05F1853C3C571F95C4B56AE35E79CD35D2D16EED0AC84C40D55B05F7973B";
  Verifier evp;
  const EcdsaSignature good = signature_of(zeros + "03", kS);
  EXPECT_TRUE(evp.verify_digest(*key, digest, good));
  EXPECT_EQ(by_table(*table, digest, good), true);
  for (const std::string_view r : {"02", "04"}) {
    const EcdsaSignature other = signature_of(zeros + std::string(r), kS);
    EXPECT_FALSE(evp.verify_digest(*key, digest, other));
    EXPECT_EQ(by_table(*table, digest, other), false);
  }
}

TEST(VerificationTableTest, NeedsAKeyOnP256) {
  EXPECT_EQ(VerificationTable::make(PublicKey()), nullptr);
  EXPECT_EQ(VerificationTable::make(PrivateKey::generate(NewKey::rsa2048)->public_key()), nullptr);
}

TEST(VerifierTest, GoesOverToATableWithoutAnythingToSee) {
  Random random(12);
  const PrivateKey key = *PrivateKey::generate(NewKey::p256);
  Signer signer = *Signer::make(key);
  std::vector<std::pair<Sha256Digest, EcdsaSignature>> made;
  for (int i = 0; i < 500; ++i) {
    const Sha256Digest digest = random_digest(random);
    made.emplace_back(digest, *signer.sign_digest(digest));
  }
  // Several threads at once, each with a Verifier of its own; the table comes up meanwhile.
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      Verifier verifier(Tables::where_they_pay);
      for (const auto& [digest, signature] : made) {
        if (!verifier.verify_digest(key.public_key(), digest, signature)) ++wrong;
        EcdsaSignature other = signature;
        other[20] ^= 1;
        if (verifier.verify_digest(key.public_key(), digest, other)) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  // What is malformed stays refused.
  Verifier verifier(Tables::where_they_pay);
  const auto& [digest, signature] = made.front();
  EXPECT_FALSE(verifier.verify_digest(key.public_key(), digest, EcdsaSignature{}));
  EXPECT_FALSE(verifier.verify_digest(key.public_key(), digest, std::span(signature).first(63)));
  EcdsaSignature too_large = signature;
  std::fill(too_large.begin() + 32, too_large.end(), static_cast<unsigned char>(255));
  EXPECT_FALSE(verifier.verify_digest(key.public_key(), digest, too_large));
}

}  // namespace
}  // namespace s1flow::codecs::crypto
