#include "core/certificate_serial.h"

#include <limits>

#include <gtest/gtest.h>

#include "tests/case_name.h"

namespace s1flow {
namespace {

constexpr std::uint64_t kMax64 = std::numeric_limits<std::uint64_t>::max();

struct SerialCase {
  const char* name;
  std::string_view text;
  bool readable;
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

class DecimalSerialTest : public testing::TestWithParam<SerialCase> {};

TEST_P(DecimalSerialTest, ReadsPositiveNumbersOf128Bits) {
  const auto serial = CertificateSerial::parse_decimal(GetParam().text);
  ASSERT_EQ(serial.has_value(), GetParam().readable);
  if (!serial) return;
  EXPECT_EQ(serial->high(), GetParam().high);
  EXPECT_EQ(serial->low(), GetParam().low);
  std::string text(GetParam().text);
  text.erase(0, text.find_first_not_of('0'));
  EXPECT_EQ(serial->decimal(), text);
}
INSTANTIATE_TEST_SUITE_P(
    Bounds, DecimalSerialTest,
    testing::Values(SerialCase{"one", "1", true, 0, 1}, SerialCase{"ten", "10", true, 0, 10},
                    SerialCase{"largest_of_64_bits", "18446744073709551615", true, 0, kMax64},
                    SerialCase{"smallest_of_65_bits", "18446744073709551616", true, 1, 0},
                    SerialCase{"largest_of_128_bits", "340282366920938463463374607431768211455",
                               true, kMax64, kMax64},
                    SerialCase{"smallest_of_129_bits", "340282366920938463463374607431768211456",
                               false},
                    SerialCase{"39_nines", "999999999999999999999999999999999999999", false},
                    SerialCase{"40_digits", "1000000000000000000000000000000000000000", false},
                    SerialCase{"leading_zeros", "0000000000000000000000000000000000000000000000007",
                               true, 0, 7},
                    SerialCase{"zero", "0", false}, SerialCase{"many_zeros", "000", false},
                    SerialCase{"empty", "", false}, SerialCase{"sign", "+1", false},
                    SerialCase{"negative", "-1", false}, SerialCase{"blank", " 1", false},
                    SerialCase{"hex", "1F", false}, SerialCase{"point", "1.0", false}),
    case_name<SerialCase>);

class HexSerialTest : public testing::TestWithParam<SerialCase> {};

TEST_P(HexSerialTest, ReadsUpTo32Digits) {
  const auto serial = CertificateSerial::parse_hex(GetParam().text);
  ASSERT_EQ(serial.has_value(), GetParam().readable);
  if (!serial) return;
  EXPECT_EQ(serial->high(), GetParam().high);
  EXPECT_EQ(serial->low(), GetParam().low);
}
INSTANTIATE_TEST_SUITE_P(
    Bounds, HexSerialTest,
    testing::Values(
        SerialCase{"one", "1", true, 0, 1}, SerialCase{"lost_leading_zero", "f00", true, 0, 0xF00},
        SerialCase{"both_cases", "aBcD", true, 0, 0xABCD},
        SerialCase{"16_digits", "FFFFFFFFFFFFFFFF", true, 0, kMax64},
        SerialCase{"17_digits", "10000000000000000", true, 1, 0},
        SerialCase{"32_digits", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", true, kMax64, kMax64},
        SerialCase{"33_digits", "100000000000000000000000000000000", false},
        SerialCase{"32_digits_with_zeros", "00000000000000000000000000000009", true, 0, 9},
        SerialCase{"zero", "0", false}, SerialCase{"empty", "", false},
        SerialCase{"prefix", "0x1", false}, SerialCase{"colons", "01:02", false},
        SerialCase{"other_letter", "G", false}),
    case_name<SerialCase>);

TEST(CertificateSerialTest, WritesHexAs32CapitalDigits) {
  std::string out = "serial ";
  CertificateSerial(0, 0xAB).append_hex_to(out);
  EXPECT_EQ(out, "serial 000000000000000000000000000000AB");
}

TEST(CertificateSerialTest, KeepsItsValueThroughBothForms) {
  for (std::uint64_t high : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 63, kMax64})
    for (std::uint64_t low : {std::uint64_t{1}, std::uint64_t{0x123456789ABCDEF0}, kMax64}) {
      const CertificateSerial serial(high, low);
      std::string hex;
      serial.append_hex_to(hex);
      EXPECT_EQ(CertificateSerial::parse_hex(hex), serial);
      EXPECT_EQ(CertificateSerial::parse_decimal(serial.decimal()), serial);
    }
}

TEST(CertificateSerialTest, ReadsTheSameSerialFromXmlAndFromACertificateTool) {
  EXPECT_EQ(CertificateSerial::parse_decimal("20315062944123339095836004026371736578"),
            CertificateSerial::parse_hex("0f4889ef197d41e9016966f9d5ab0402"));
}

TEST(CertificateSerialTest, OrdersByValue) {
  EXPECT_LT(CertificateSerial(0, kMax64), CertificateSerial(1, 0));
  EXPECT_LT(CertificateSerial(1, 1), CertificateSerial(1, 2));
  EXPECT_GT(CertificateSerial(2, 0), CertificateSerial(1, kMax64));
}

TEST(CertificateSerialTest, IsNoneWhenZero) {
  EXPECT_TRUE(CertificateSerial().empty());
  EXPECT_EQ(CertificateSerial().decimal(), "0");
  EXPECT_FALSE(CertificateSerial(0, 1).empty());
  EXPECT_FALSE(CertificateSerial(1, 0).empty());
}

}  // namespace
}  // namespace s1flow
