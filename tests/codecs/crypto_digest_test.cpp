#include <string>

#include <gtest/gtest.h>

#include "codecs/crypto/digest.h"
#include "codecs/crypto/secret.h"
#include "core/text.h"
#include "tests/codecs/crypto_support.h"

namespace s1flow::codecs::crypto {
namespace {

std::string hex_of(std::span<const unsigned char> bytes) {
  std::string hex;
  append_hex(hex, bytes);
  return hex;
}

// FIPS 180-2, appendix B.
constexpr std::string_view kTwoBlocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
constexpr std::string_view kTwoBlocksSha256 =
    "248D6A61D20638B8E5C026930C3E6039A33CE45964FF2167F6ECEDD419DB06C1";

TEST(Sha256Test, AgreesWithPublishedValues) {
  EXPECT_EQ(hex_of(sha256_of(as_bytes(kTwoBlocks))), kTwoBlocksSha256);
  EXPECT_EQ(hex_of(sha256_of({})),
            "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855");
}

TEST(Sha256Test, DoesNotDependOnHowTheStreamIsCut) {
  Sha256 sha;
  for (std::size_t cut = 0; cut <= kTwoBlocks.size(); ++cut) {
    sha.update(kTwoBlocks.substr(0, cut));
    sha.update(kTwoBlocks.substr(cut));
    EXPECT_EQ(hex_of(sha.finish()), kTwoBlocksSha256);
  }
}

TEST(Sha256Test, StartsAnewAfterFinishAndRestart) {
  Sha256 sha;
  sha.update("left over");
  sha.restart();
  sha.update(kTwoBlocks);
  EXPECT_EQ(hex_of(sha.finish()), kTwoBlocksSha256);
  sha.update(kTwoBlocks);
  EXPECT_EQ(hex_of(sha.finish()), kTwoBlocksSha256);
}

TEST(Sha1Test, AgreesWithPublishedValue) {
  EXPECT_EQ(hex_of(sha1_of(as_bytes("abc"))), "A9993E364706816ABA3E25717850C26C9CD0D89D");
}

TEST(SecretTest, KeepsBytesWhileGrowingAndMoving) {
  Secret secret;
  std::string expected;
  for (int i = 0; i < 300; ++i) {
    const auto byte = static_cast<unsigned char>(i);
    secret.append({&byte, 1});
    expected.push_back(static_cast<char>(byte));
  }
  Secret other = std::move(secret);
  EXPECT_EQ(other.view(), expected);
  other.resize(3);
  EXPECT_EQ(other.view(), expected.substr(0, 3));
  other.resize(5);
  EXPECT_EQ(other.view(), expected.substr(0, 3) + std::string(2, '\0'));
}

TEST(SecretTest, WipesTheBytesThatFallOff) {
  Secret secret(as_bytes("passphrase"));
  const unsigned char* memory = secret.data();
  secret.clear();  // keeps the memory
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(memory[i], 0);
}

TEST(SecretTest, ReadsWholeFilesAndRefusesLargeOnes) {
  const testing_support::TempFolder folder;
  const std::string text(4096 * 2, 'x');
  const Path path = folder.put("key", text);
  const auto secret = read_secret(path);
  ASSERT_TRUE(secret);
  EXPECT_EQ(secret->view(), text);
  const auto too_large = read_secret(path, 5000);
  ASSERT_FALSE(too_large);
  EXPECT_NE(too_large.error().message().find("larger than 5000"), std::string::npos);
  EXPECT_FALSE(read_secret(folder.path() / "absent"));
}

}  // namespace
}  // namespace s1flow::codecs::crypto
