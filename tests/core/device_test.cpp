#include "core/device.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/case_name.h"

namespace s1flow {
namespace {

struct TextCase {
  const char* name;
  std::string_view text;
  bool good;
};

TEST(DeviceTypeTest, ReadsBackItsOwnNames) {
  for (std::size_t i = 0; i < kDeviceTypeNames.size(); ++i) {
    const auto type = static_cast<DeviceType>(i);
    EXPECT_EQ(parse_device_type(name_of(type)), type);
  }
  EXPECT_EQ(name_of(DeviceType::chf), "CHF");
  EXPECT_EQ(name_of(DeviceType::cad), "CAD");
}

TEST(DeviceTypeTest, RefusesOtherNamesAndOtherCase) {
  for (const char* name : {"", "esme", "ESM", "ESMEX", " ESME", "GPFX"})
    EXPECT_FALSE(parse_device_type(name)) << name;
}

TEST(EsmeVariantTest, AcceptsExactlyThe25ValuesOfTheSchema) {
  const std::set<std::string, std::less<>> known{
      "A",    "B",    "C",   "AD",   "BD", "CD", "ADE", "BDE", "CDE", "ADF", "BDF", "CDF", "ADEF",
      "BDEF", "CDEF", "ADG", "ADEG", "AF", "BF", "CF",  "AEF", "BEF", "CEF", "AG",  "AEG"};
  // Every text of up to five letters from A to G, and the empty one.
  std::set<std::string> accepted;
  std::string text;
  auto try_all = [&](auto&& self) -> void {
    const auto variant = EsmeVariant::parse(text);
    EXPECT_EQ(variant.has_value(), known.contains(text)) << text;
    if (variant) {
      EXPECT_EQ(variant->view(), text);
    }
    if (variant) accepted.insert(text);
    if (text.size() == 5) return;
    for (char c = 'A'; c <= 'G'; ++c) {
      text.push_back(c);
      self(self);
      text.pop_back();
    }
  };
  try_all(try_all);
  EXPECT_EQ(accepted.size(), 25U);
  EXPECT_FALSE(EsmeVariant::parse("a"));
}

TEST(EsmeVariantTest, ComparesByItsLetters) {
  EXPECT_EQ(EsmeVariant::parse("ADE"), EsmeVariant::parse("ADE"));
  EXPECT_NE(EsmeVariant::parse("ADE"), EsmeVariant::parse("ADEF"));
  EXPECT_EQ(EsmeVariant().view(), "");
}

struct IccidCase {
  const char* name;
  std::string_view text;
  bool readable;
  bool check_digit = false;
};
class IccidTest : public testing::TestWithParam<IccidCase> {};

TEST_P(IccidTest, ReadsFormAndChecksTheLastDigitApart) {
  const auto iccid = Iccid::parse(GetParam().text);
  ASSERT_EQ(iccid.has_value(), GetParam().readable);
  if (!iccid) return;
  EXPECT_EQ(iccid->view(), GetParam().text);
  EXPECT_EQ(iccid->check_digit_holds(), GetParam().check_digit);
}
INSTANTIATE_TEST_SUITE_P(
    Numbers, IccidTest,
    testing::Values(IccidCase{"nineteen_digits", "8944123456789012341", true, false},
                    IccidCase{"nineteen_digits_with_check_digit", "8944123456789012348", true,
                              true},
                    IccidCase{"twenty_digits_with_check_digit", "89441234567890123454", true, true},
                    IccidCase{"twenty_digits", "89441234567890123456", true, false},
                    IccidCase{"eighteen_digits", "894412345678901234", false},
                    IccidCase{"twenty_one_digits", "894412345678901234567", false},
                    IccidCase{"other_industry", "7944123456789012341", false},
                    IccidCase{"letter", "89441234567890123A5", false},
                    IccidCase{"blanks", "8944 1234 5678 90123", false},
                    IccidCase{"empty", "", false}),
    case_name<IccidCase>);

TEST(IccidTest, HasNoCheckDigitWhenItIsEmpty) {
  EXPECT_EQ(Iccid().view(), "");
  EXPECT_FALSE(Iccid().check_digit_holds());
}

TEST(LuhnTest, MakesTheCheckDigitOfPublishedExamples) {
  EXPECT_EQ(luhn_check_digit("7992739871"), '3');
  EXPECT_EQ(luhn_check_digit("1789372997"), '4');
  EXPECT_EQ(luhn_check_digit("0"), '0');
  EXPECT_EQ(luhn_check_digit(""), '0');
}

TEST(LuhnTest, NoticesEveryWrongDigit) {
  const std::string body = "894412345678901234";
  const char check = luhn_check_digit(body);
  for (std::size_t i = 0; i < body.size(); ++i)
    for (char c = '0'; c <= '9'; ++c) {
      std::string other = body;
      other[i] = c;
      if (other != body) {
        EXPECT_NE(luhn_check_digit(other), check) << other;
      }
    }
}

class ImsiTest : public testing::TestWithParam<TextCase> {};
TEST_P(ImsiTest, HasFifteenDigits) {
  EXPECT_EQ(is_imsi(GetParam().text), GetParam().good);
}
INSTANTIATE_TEST_SUITE_P(Numbers, ImsiTest,
                         testing::Values(TextCase{"fifteen", "234151234567890", true},
                                         TextCase{"fourteen", "23415123456789", false},
                                         TextCase{"sixteen", "2341512345678901", false},
                                         TextCase{"leading_zero", "001010123456789", true},
                                         TextCase{"letter", "23415123456789A", false},
                                         TextCase{"empty", "", false}),
                         case_name<TextCase>);

class MsisdnTest : public testing::TestWithParam<TextCase> {};
TEST_P(MsisdnTest, FollowsE164WithoutPlus) {
  EXPECT_EQ(is_msisdn(GetParam().text), GetParam().good);
}
INSTANTIATE_TEST_SUITE_P(Numbers, MsisdnTest,
                         testing::Values(TextCase{"british_mobile", "447700900123", true},
                                         TextCase{"seven_digits", "4477009", true},
                                         TextCase{"six_digits", "447700", false},
                                         TextCase{"fifteen_digits", "447700900123456", true},
                                         TextCase{"sixteen_digits", "4477009001234567", false},
                                         TextCase{"national_form", "07700900123", false},
                                         TextCase{"plus", "+447700900123", false},
                                         TextCase{"blank", "44 7700900123", false},
                                         TextCase{"empty", "", false}),
                         case_name<TextCase>);

class GroupIdTest : public testing::TestWithParam<TextCase> {};
TEST_P(GroupIdTest, IsTwoCapitalLetters) {
  const auto group = GroupId::parse(GetParam().text);
  ASSERT_EQ(group.has_value(), GetParam().good);
  if (!group) return;
  EXPECT_EQ(group->view(), GetParam().text);
  EXPECT_EQ(GroupId::unpack(group->packed()), *group);
  EXPECT_FALSE(group->empty());
}
INSTANTIATE_TEST_SUITE_P(
    Ids, GroupIdTest,
    testing::Values(TextCase{"aa", "AA", true}, TextCase{"ba", "BA", true},
                    TextCase{"ca", "CA", true}, TextCase{"cb", "CB", true},
                    TextCase{"da", "DA", true}, TextCase{"ea", "EA", true},
                    TextCase{"eb", "EB", true}, TextCase{"not_yet_known", "ZZ", true},
                    TextCase{"lower_case", "aa", false}, TextCase{"digit", "A1", false},
                    TextCase{"one_letter", "A", false}, TextCase{"three_letters", "AAA", false},
                    TextCase{"blank", "A ", false}, TextCase{"empty", "", false}),
    case_name<TextCase>);

TEST(GroupIdTest, OrdersByItsLettersInBothForms) {
  const GroupId aa = *GroupId::parse("AA");
  const GroupId cb = *GroupId::parse("CB");
  EXPECT_LT(aa, cb);
  EXPECT_LT(aa.packed(), cb.packed());
  EXPECT_EQ(aa.packed(), 0x4141);
}

TEST(GroupIdTest, IsNoneByDefault) {
  EXPECT_TRUE(GroupId().empty());
  EXPECT_EQ(GroupId().view(), "");
  EXPECT_EQ(GroupId::unpack(0), GroupId());
}

}  // namespace
}  // namespace s1flow
