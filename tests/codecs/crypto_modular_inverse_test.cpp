// Against OpenSSL's own inverse.

#include <algorithm>

#include <gtest/gtest.h>
#include <openssl/bn.h>

#include "codecs/crypto/modular_inverse.h"
#include "codecs/crypto/openssl_owned.h"
#include "core/random.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

Number256 number_of(std::string_view hex) {
  const std::string octets = decode_hex(hex).value();
  Number256 number{};
  std::copy(octets.begin(), octets.end(),
            number.end() - static_cast<std::ptrdiff_t>(octets.size()));
  return number;
}

// The order of P-256.
const Number256 kOrder =
    number_of("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");

std::optional<Number256> by_openssl(const Number256& value, const Number256& modulus) {
  const Owned<bignum_ctx> pool(BN_CTX_new());
  const Owned<bignum_st> number(BN_bin2bn(value.data(), 32, nullptr));
  const Owned<bignum_st> base(BN_bin2bn(modulus.data(), 32, nullptr));
  const QuietErrors quiet;
  const Owned<bignum_st> inverse(BN_mod_inverse(nullptr, number.get(), base.get(), pool.get()));
  if (!inverse) return std::nullopt;
  Number256 result{};
  EXPECT_EQ(BN_bn2binpad(inverse.get(), result.data(), 32), 32);
  return result;
}

TEST(ModularInverseTest, IsWhatOpensslSays) {
  Random random(31);
  for (int i = 0; i < 20'000; ++i) {
    // Of every length, with runs of zeros and ones inside.
    Number256 value{};
    for (std::size_t at = random.below(32); at < value.size(); ++at)
      value[at] = i % 3 == 0   ? static_cast<unsigned char>(random.below(256))
                  : i % 3 == 1 ? static_cast<unsigned char>(random.below(2) * 255)
                               : static_cast<unsigned char>(1U << random.below(8));
    ASSERT_EQ(inverse_modulo(value, kOrder), by_openssl(value, kOrder)) << i;
  }
}

TEST(ModularInverseTest, KnowsTheEnds) {
  const Number256 one = number_of("01");
  EXPECT_EQ(inverse_modulo(one, kOrder), one);
  Number256 last = kOrder;
  last.back() -= 1;
  EXPECT_EQ(inverse_modulo(last, kOrder), last);
  EXPECT_EQ(inverse_modulo(number_of("02"), kOrder), by_openssl(number_of("02"), kOrder));
  EXPECT_EQ(inverse_modulo(Number256{}, kOrder), std::nullopt);
  EXPECT_EQ(inverse_modulo(kOrder, kOrder), std::nullopt);
}

TEST(ModularInverseTest, HasNoneWithACommonDivisor) {
  Number256 even = kOrder;
  even.back() -= 1;
  EXPECT_EQ(inverse_modulo(number_of("06"), even), std::nullopt);
  Random random(32);
  int without = 0;
  for (int i = 0; i < 2'000; ++i) {
    Number256 value{}, modulus{};
    for (unsigned char& b : value) b = static_cast<unsigned char>(random.below(256));
    for (unsigned char& b : modulus) b = static_cast<unsigned char>(random.below(256));
    modulus[0] |= 1;
    const auto inverse = inverse_modulo(value, modulus);
    ASSERT_EQ(inverse, by_openssl(value, modulus)) << i;
    without += inverse ? 0 : 1;
  }
  EXPECT_GT(without, 0);
}

}  // namespace
}  // namespace s1flow::codecs::crypto
