#include "core/mpxn.h"

#include <gtest/gtest.h>

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
INSTANTIATE_TEST_SUITE_P(Numbers, MpxnTest,
                         testing::Values(MpxnCase{"public_sample_mpan", "1200023305967", true, true},
                                         MpxnCase{"last_digit_off", "1200023305968", true, false},
                                         MpxnCase{"dcc_template_mpan", "1312345678111", true, false},
                                         MpxnCase{"public_sample_mprn", "3938424403", true, true},
                                         MpxnCase{"mprn_off", "3938424404", true, false},
                                         MpxnCase{"five_digits", "12345", false, false},
                                         MpxnCase{"eleven_digits", "12345678901", false, false},
                                         MpxnCase{"letter", "12000233059A7", false, false},
                                         MpxnCase{"empty", "", false, false}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(MpxnTest, MakesNumbersWhoseCheckDigitsHold) {
  for (std::uint64_t body = 0; body < 2000; ++body) {
    EXPECT_TRUE(Mpxn::make_mpan(120002330000ULL + body * 7919).check_digits_hold());
    EXPECT_TRUE(Mpxn::make_mprn(39384244 + body * 31, 8).check_digits_hold());
    EXPECT_TRUE(Mpxn::make_mprn(1000 + body, 4).check_digits_hold());
  }
}

TEST(MpxnTest, KeepsLeadingZeros) {
  const auto mprn = Mpxn::parse("0000012345");
  ASSERT_TRUE(mprn);
  EXPECT_EQ(mprn->text(), "0000012345");
  EXPECT_NE(mprn->packed(), Mpxn::parse("012345")->packed());
}

}  // namespace
}  // namespace s1flow
