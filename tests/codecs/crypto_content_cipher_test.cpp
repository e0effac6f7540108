#include <set>
#include <string>

#include <gtest/gtest.h>

#include "codecs/crypto/content_cipher.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

ReceivedKey received(const ContentKey& key) {
  return *ReceivedKey::make(Secret(key.bytes()));
}

std::string seal(const ContentKey& key, RecordShare share, std::string_view plaintext) {
  std::string out;
  auto sealer = ContentSealer::make(key);
  EXPECT_TRUE(sealer->seal(share, as_bytes(plaintext), out));
  return out;
}

std::string encode(std::string_view bytes) {
  std::string out;
  append_base64(out, as_bytes(bytes));
  return out;
}

class ContentCipherTest : public testing::Test {
 protected:
  // Nothing is left behind by a refusal.
  bool opens(std::string_view base64) {
    Secret plaintext(as_bytes("from before"));
    const bool opened = opener_.open(base64, plaintext);
    EXPECT_TRUE(opened || plaintext.empty());
    last_ = std::string(plaintext.view());
    return opened;
  }
  ContentKey key_ = *ContentKey::generate();
  ContentOpener opener_ = *ContentOpener::make(received(key_));
  std::string last_;
};

TEST_F(ContentCipherTest, OpensWhatItSealed) {
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 64U, 1000U, 70000U}) {
    const std::string text(size, 'x');
    ASSERT_TRUE(opens(seal(key_, {size, 0}, text))) << size;
    EXPECT_EQ(last_, text);
  }
}

TEST_F(ContentCipherTest, AppendsToWhatIsThere) {
  auto sealer = *ContentSealer::make(key_);
  std::string out = "<a>";
  ASSERT_TRUE(sealer.seal({1, 0}, as_bytes("one"), out));
  const std::size_t first = out.size();
  ASSERT_TRUE(sealer.seal({1, 1}, as_bytes("two"), out));
  EXPECT_EQ(out.substr(0, 3), "<a>");
  EXPECT_TRUE(opens(std::string_view(out).substr(3, first - 3)));
  EXPECT_EQ(last_, "one");
  EXPECT_TRUE(opens(std::string_view(out).substr(first)));
  EXPECT_EQ(last_, "two");
}

TEST_F(ContentCipherTest, AllowsWhiteSpaceInBase64) {
  std::string sealed = seal(key_, {7, 0}, "value");
  sealed.insert(20, "\r\n\t ");
  EXPECT_TRUE(opens("\n" + sealed + "\n"));
}

TEST_F(ContentCipherTest, RefusesEveryFlippedBit) {
  const std::string bytes = *decode_base64(seal(key_, {3, 1}, "a credential of 28 characters"));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] ^= static_cast<char>(1 << (bit % 8));
    EXPECT_FALSE(opens(encode(damaged))) << bit;
  }
}

TEST_F(ContentCipherTest, RefusesEveryCutAndGrowth) {
  const std::string bytes = *decode_base64(seal(key_, {3, 1}, "value"));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(opens(encode(bytes.substr(0, size)))) << size;              // tag cut
    EXPECT_FALSE(opens(encode(bytes.substr(bytes.size() - size)))) << size;  // IV cut
  }
  EXPECT_FALSE(opens(encode(bytes + '\0')));
  EXPECT_FALSE(opens(encode(bytes + bytes.substr(bytes.size() - 16))));  // tag doubled
  EXPECT_FALSE(opens(encode(bytes.substr(0, 12) + bytes.substr(16))));
}

TEST_F(ContentCipherTest, NeverTakesAShortTag) {
  // One byte of tag would be guessed in 256 tries.
  const std::string bytes = *decode_base64(seal(key_, {3, 1}, "value"));
  for (int guess = 0; guess < 256; ++guess)
    EXPECT_FALSE(opens(encode(bytes.substr(0, 12 + 5) + static_cast<char>(guess))));
}

TEST_F(ContentCipherTest, RefusesWhatIsNotBase64) {
  for (const std::string_view text : {"", "*", "AAA", "=", "AA==AA=="}) EXPECT_FALSE(opens(text));
}

TEST_F(ContentCipherTest, RefusesOtherKeys) {
  EXPECT_FALSE(opens(seal(*ContentKey::generate(), {1, 0}, "value")));
}

TEST_F(ContentCipherTest, OpensAPublishedVector) {
  // Test case 14 of the GCM specification (McGrew and Viega): all zero.
  Secret zero;
  zero.resize(32);
  auto opener = *ContentOpener::make(*ReceivedKey::make(std::move(zero)));
  Secret plaintext;
  ASSERT_TRUE(
      opener.open(encode(*decode_hex("000000000000000000000000CEA7403D4D606B6E074EC5D3BAF39D18"
                                     "D0D1C8A799996BF0265B98B5D48AB919")),
                  plaintext));
  EXPECT_EQ(plaintext.view(), std::string(16, '\0'));
}

TEST(ContentKeyTest, TakesExactly32Bytes) {
  for (const std::size_t size : {0U, 16U, 24U, 31U, 33U}) {
    Secret bytes;
    bytes.resize(size);
    EXPECT_FALSE(ReceivedKey::make(std::move(bytes))) << size;
  }
}

TEST(ContentKeyTest, IvIsPrefixThenOrdinalThenIndex) {
  const ContentKey key = *ContentKey::generate();
  const auto iv_of = [&](RecordShare share) {
    return decode_base64(seal(key, share, "x"))->substr(0, 12);
  };
  const std::string prefix(as_text(key.iv_prefix()));
  EXPECT_EQ(iv_of({0, 0}), prefix + std::string(8, '\0'));
  EXPECT_EQ(iv_of({0x01020304050607, 0xFE}), prefix + "\x01\x02\x03\x04\x05\x06\x07\xFE");
  EXPECT_EQ(iv_of({RecordShare::kMostOrdinal, 255}), prefix + std::string(8, '\xFF'));
}

TEST(ContentKeyTest, DifferentSharesNeverShareAnIv) {
  const ContentKey key = *ContentKey::generate();
  auto sealer = *ContentSealer::make(key);
  std::set<std::string> ivs;
  std::string out;
  for (std::uint64_t ordinal = 0; ordinal < 2000; ++ordinal)
    for (std::uint8_t index = 0; index < 5; ++index) {
      out.clear();
      ASSERT_TRUE(sealer.seal({ordinal << (ordinal % 40), index}, {}, out));
      ivs.insert(out.substr(0, 16));  // 12 bytes
    }
  std::set<std::uint64_t> ordinals;
  for (std::uint64_t ordinal = 0; ordinal < 2000; ++ordinal)
    ordinals.insert(ordinal << (ordinal % 40));
  EXPECT_EQ(ivs.size(), ordinals.size() * 5);
}

TEST(ContentKeyTest, FilesNeverShareAKey) {
  std::set<std::string> keys;
  for (int i = 0; i < 20000; ++i) keys.emplace(as_text(ContentKey::generate()->bytes()));
  EXPECT_EQ(keys.size(), 20000U);
}

}  // namespace
}  // namespace s1flow::codecs::crypto
