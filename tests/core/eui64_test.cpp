#include "core/eui64.h"

#include <cctype>

#include <gtest/gtest.h>

#include "tests/case_name.h"

namespace s1flow {
namespace {

struct EuiCase {
  const char* name;
  std::string_view text;
  bool readable;
  std::uint64_t value = 0;
};

class Eui64Test : public testing::TestWithParam<EuiCase> {};
TEST_P(Eui64Test, ReadsEightOctetsWithHyphens) {
  const auto id = Eui64::parse(GetParam().text);
  ASSERT_EQ(id.has_value(), GetParam().readable);
  if (id) {
    EXPECT_EQ(id->value(), GetParam().value);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Forms, Eui64Test,
    testing::Values(EuiCase{"capitals", "70-B3-D5-1F-30-00-A0-08", true, 0x70B3D51F3000A008},
                    EuiCase{"lower_case", "70-b3-d5-1f-30-00-a0-08", true, 0x70B3D51F3000A008},
                    EuiCase{"mixed_case", "70-b3-D5-1F-30-00-a0-08", true, 0x70B3D51F3000A008},
                    EuiCase{"zero", "00-00-00-00-00-00-00-00", true, 0},
                    EuiCase{"all_ones", "FF-FF-FF-FF-FF-FF-FF-FF", true, ~std::uint64_t{0}},
                    EuiCase{"colons", "70:B3:D5:1F:30:00:A0:08", false},
                    EuiCase{"one_colon", "70-B3-D5-1F:30-00-A0-08", false},
                    EuiCase{"no_hyphens", "70B3D51F3000A008", false},
                    EuiCase{"seven_octets", "70-B3-D5-1F-30-00-A0", false},
                    EuiCase{"nine_octets", "70-B3-D5-1F-30-00-A0-08-09", false},
                    EuiCase{"hyphen_at_the_end", "70-B3-D5-1F-30-00-A0-0-", false},
                    EuiCase{"one_digit_octet", "7-0B3-D5-1F-30-00-A0-08", false},
                    EuiCase{"other_letter", "70-G3-D5-1F-30-00-A0-08", false},
                    EuiCase{"second_digit_wrong", "70-BX-D5-1F-30-00-A0-08", false},
                    EuiCase{"blank_before", " 70-B3-D5-1F-30-00-A0-08", false},
                    EuiCase{"newline_after", "70-B3-D5-1F-30-00-A0-08\n", false},
                    EuiCase{"empty", "", false}),
    case_name<EuiCase>);

class PlainEui64Test : public testing::TestWithParam<EuiCase> {};
TEST_P(PlainEui64Test, ReadsSixteenHexDigits) {
  const auto id = Eui64::parse_plain(GetParam().text);
  ASSERT_EQ(id.has_value(), GetParam().readable);
  if (id) {
    EXPECT_EQ(id->value(), GetParam().value);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Forms, PlainEui64Test,
    testing::Values(EuiCase{"capitals", "70B3D51F3000A008", true, 0x70B3D51F3000A008},
                    EuiCase{"lower_case", "70b3d51f3000a008", true, 0x70B3D51F3000A008},
                    EuiCase{"fifteen_digits", "70B3D51F3000A00", false},
                    EuiCase{"seventeen_digits", "70B3D51F3000A0080", false},
                    EuiCase{"hyphens", "70-B3-D5-1F-30-00-A0-08", false},
                    EuiCase{"other_letter", "70B3D51F3000A00G", false},
                    EuiCase{"empty", "", false}),
    case_name<EuiCase>);

TEST(Eui64Test, WritesCapitalsWhateverWasRead) {
  const Eui64 id = *Eui64::parse("70-b3-d5-1f-30-00-a0-08");
  EXPECT_EQ(id.text(), "70-B3-D5-1F-30-00-A0-08");
  std::string out = "id=";
  id.append_plain_to(out);
  EXPECT_EQ(out, "id=70B3D51F3000A008");
}

TEST(Eui64Test, RefusesEveryByteThatIsNoneOfItsForm) {
  const std::string good = "70-B3-d5-1F-30-00-a0-08";
  for (std::size_t at = 0; at < good.size(); ++at)
    for (unsigned byte = 0; byte < 256; ++byte) {
      std::string text = good;
      text[at] = static_cast<char>(byte);
      const bool fits = at % 3 == 2 ? byte == '-' : std::isxdigit(static_cast<int>(byte)) != 0;
      ASSERT_EQ(Eui64::parse(text).has_value(), fits) << text;
    }
}

TEST(Eui64Test, ReadsBackEveryBit) {
  for (int bit = 0; bit < 64; ++bit) {
    const Eui64 id(std::uint64_t{1} << bit);
    std::string plain;
    id.append_plain_to(plain);
    EXPECT_EQ(Eui64::parse(id.text()), id);
    EXPECT_EQ(Eui64::parse_plain(plain), id);
  }
}

TEST(Eui64Test, OrdersAsANumber) {
  EXPECT_LT(*Eui64::parse("00-00-00-00-00-00-00-FF"), *Eui64::parse("00-00-00-00-00-00-01-00"));
  EXPECT_TRUE(Eui64().empty());
  EXPECT_FALSE(Eui64(1).empty());
}

}  // namespace
}  // namespace s1flow
