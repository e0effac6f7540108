#include "core/mpxn.h"

#include <gtest/gtest.h>

#include "tests/case_name.h"

namespace s1flow {
namespace {

struct MpxnCase {
  const char* name;
  std::string_view text;
  bool readable;
  bool check_digits;
};
class MpxnTest : public testing::TestWithParam<MpxnCase> {};

TEST_P(MpxnTest, ReadsFormAndChecksDigitsApart) {
  const auto mpxn = Mpxn::parse(GetParam().text);
  ASSERT_EQ(mpxn.has_value(), GetParam().readable);
  if (!mpxn) return;
  EXPECT_EQ(mpxn->check_digits_hold(), GetParam().check_digits);
  EXPECT_EQ(mpxn->text(), GetParam().text);
}
INSTANTIATE_TEST_SUITE_P(
    Numbers, MpxnTest,
    testing::Values(MpxnCase{"public_sample_mpan", "1200023305967", true, true},
                    MpxnCase{"last_digit_off", "1200023305968", true, false},
                    MpxnCase{"dcc_template_mpan", "1312345678111", true, false},
                    MpxnCase{"public_sample_mprn", "3938424403", true, true},
                    MpxnCase{"mprn_off", "3938424404", true, false},
                    MpxnCase{"five_digits", "12345", false, false},
                    MpxnCase{"eleven_digits", "12345678901", false, false},
                    MpxnCase{"letter", "12000233059A7", false, false},
                    MpxnCase{"empty", "", false, false}),
    case_name<MpxnCase>);

TEST(MpxnTest, MakesNumbersWhoseCheckDigitsHold) {
  for (std::uint64_t body = 0; body < 2000; ++body) {
    EXPECT_TRUE(Mpxn::make_mpan(120002330000ULL + body * 7919).check_digits_hold());
    EXPECT_TRUE(Mpxn::make_mprn(39384244 + body * 31, 8).check_digits_hold());
    EXPECT_TRUE(Mpxn::make_mprn(1000 + body, 4).check_digits_hold());
  }
}

TEST(MpxnTest, TellsTheFuelFromTheForm) {
  EXPECT_EQ(Mpxn::parse("1200023305967")->fuel(), Fuel::electricity);
  EXPECT_EQ(Mpxn::parse("3938424403")->fuel(), Fuel::gas);
  EXPECT_FALSE(Mpxn::parse_mpan("3938424403"));
  EXPECT_FALSE(Mpxn::parse_mprn("1200023305967"));
  EXPECT_EQ(Mpxn::parse_mpan("1200023305967"), Mpxn::parse("1200023305967"));
  EXPECT_EQ(Mpxn::parse_mprn("3938424403"), Mpxn::parse("3938424403"));
}

TEST(MpxnTest, NoticesEveryWrongDigitOfAnMpan) {
  const std::string good = "1200023305967";
  for (std::size_t i = 0; i < good.size(); ++i)
    for (char c = '0'; c <= '9'; ++c) {
      std::string other = good;
      other[i] = c;
      // The sum is taken modulo 11 and then 10, so the remainders 0 and 10 look alike.
      if (other == good || !Mpxn::parse(other)->check_digits_hold()) continue;
      EXPECT_EQ(good.back(), '0') << other;
    }
}

TEST(MpxnTest, KeepsItsValueWhenPacked) {
  for (const char* text : {"1200023305967", "3938424403", "0000000", "9999999999999"}) {
    const Mpxn number = *Mpxn::parse(text);
    EXPECT_EQ(Mpxn::unpack(number.packed()), number);
    EXPECT_EQ(Mpxn::unpack(number.packed()).text(), text);
    EXPECT_FALSE(number.empty());
  }
}

TEST(MpxnTest, HasNoDigitsWhenItIsNone) {
  EXPECT_TRUE(Mpxn().empty());
  EXPECT_EQ(Mpxn().text(), "");
  EXPECT_EQ(Mpxn().packed(), 0U);
  EXPECT_FALSE(Mpxn().check_digits_hold());
}

TEST(MpxnTest, KeepsLeadingZeros) {
  const auto mprn = Mpxn::parse("0000012345");
  ASSERT_TRUE(mprn);
  EXPECT_EQ(mprn->text(), "0000012345");
  EXPECT_NE(mprn->packed(), Mpxn::parse("012345")->packed());
}

}  // namespace
}  // namespace s1flow
