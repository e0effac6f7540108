#include "core/text.h"

#include <limits>

#include <gtest/gtest.h>

#include "core/random.h"
#include "tests/case_name.h"

namespace s1flow {
namespace {

using namespace std::string_view_literals;

struct DecimalCase {
  const char* name;
  std::string_view text;
  std::optional<std::uint64_t> value;
};
class ParseDecimalTest : public testing::TestWithParam<DecimalCase> {};

TEST_P(ParseDecimalTest, ReadsDigitsOnlyUpTo64Bits) {
  EXPECT_EQ(parse_decimal(GetParam().text), GetParam().value);
}
constexpr DecimalCase kParseDecimalNumbers[] = {

    {"zero", "0", 0},
    {"leading_zeros", "000000000000000000000042", 42},
    {"largest", "18446744073709551615", std::numeric_limits<std::uint64_t>::max()},
    {"one_too_many", "18446744073709551616", {}},
    {"next_ten", "18446744073709551620", {}},
    {"21_digits", "100000000000000000000", {}},
    {"empty", "", {}},
    {"plus", "+1", {}},
    {"minus", "-1", {}},
    {"blank", "1 ", {}},
    {"point", "1.0", {}},
    {"hex", "0x1", {}},
    {"colon_after_nine", ":", {}},
    {"slash_before_zero", "/", {}},
    {"nul", std::string_view("1\0", 2), {}}};
INSTANTIATE_TEST_SUITE_P(Numbers, ParseDecimalTest, testing::ValuesIn(kParseDecimalNumbers),
                         case_name<DecimalCase>);

TEST(DigitsTest, AreDecimalAndAtLeastOne) {
  EXPECT_TRUE(all_digits("0123456789"));
  for (const char* text : {"", "1a", "١", "1 2", "-1"}) EXPECT_FALSE(all_digits(text)) << text;
}

TEST(DigitsTest, HaveHexValuesInBothCases) {
  const std::string_view digits = "0123456789ABCDEF";
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(hex_value(digits[static_cast<std::size_t>(i)]), i);
    if (i > 9) {
      EXPECT_EQ(hex_value(static_cast<char>('a' + i - 10)), i);
    }
  }
  for (const char c : "/:@G`g\xC3"sv) EXPECT_EQ(hex_value(c), -1) << c;
}

TEST(DecimalTextTest, IsPaddedToItsWidthAndNeverCut) {
  std::string out;
  append_decimal(out, 0);
  out += ' ';
  append_decimal(out, std::numeric_limits<std::uint64_t>::max());
  out += ' ';
  append_padded(out, 7, 3);
  out += ' ';
  append_padded(out, 1234, 3);
  out += ' ';
  append_padded(out, 5, 25);
  out += ' ';
  append_padded(out, 5, 0);
  EXPECT_EQ(out, "0 18446744073709551615 007 1234 0000000000000000000000005 5");
}

TEST(HexTest, IsWrittenInCapitals) {
  std::string out = "x";
  append_hex(out, as_bytes("\x00\x0F\xA0\xFF"sv));
  EXPECT_EQ(out, "x000FA0FF");
}

TEST(HexTest, IsReadInBothCasesAndPairsOnly) {
  EXPECT_EQ(decode_hex("000fA0fF"), "\x00\x0F\xA0\xFF"sv);
  EXPECT_EQ(decode_hex(""), "");
  for (const char* text : {"0", "000", "0G", "G0", " 00", "0x00", "00 00"})
    EXPECT_FALSE(decode_hex(text)) << text;
}

TEST(HexTest, IsReadOctetByOctetWhereverABadDigitStands) {
  constexpr std::string_view kText = "00112233445566778899AAbbCCddEEffA0b1C2d3";
  const auto whole = decode_hex(kText);
  ASSERT_TRUE(whole);
  std::string again;
  append_hex(again, as_bytes(*whole));
  EXPECT_TRUE(equals_ignoring_case(again, kText));
  // Every byte at every place.
  for (std::size_t at = 0; at < kText.size(); ++at)
    for (int byte = 0; byte < 256; ++byte) {
      std::string text(kText);
      text[at] = static_cast<char>(byte);
      const auto octets = decode_hex(text);
      ASSERT_EQ(octets.has_value(), hex_value(text[at]) >= 0) << at << ' ' << byte;
      if (!octets) continue;
      std::string expected = *whole;
      const auto octet = static_cast<unsigned char>(expected[at / 2]);
      const auto digit = static_cast<unsigned>(hex_value(text[at]));
      expected[at / 2] =
          static_cast<char>(at % 2 == 0 ? (octet & 15U) | digit << 4 : (octet & 240U) | digit);
      ASSERT_EQ(*octets, expected) << at << ' ' << byte;
    }
}

TEST(HexTest, IsReadAsANumberOfUpToSixteenDigits) {
  EXPECT_EQ(parse_hex("0"), 0U);
  EXPECT_EQ(parse_hex("00fF"), 255U);
  EXPECT_EQ(parse_hex("0123456789ABCDEF"), 0x0123456789ABCDEFU);
  EXPECT_EQ(parse_hex("fedcba9876543210"), 0xFEDCBA9876543210U);
  EXPECT_FALSE(parse_hex(""));
  EXPECT_FALSE(parse_hex("00000000000000000"));
  // Every byte at every place.
  for (std::size_t size : {15U, 16U})
    for (std::size_t at = 0; at < size; ++at)
      for (int byte = 0; byte < 256; ++byte) {
        std::string digits(size, '0');
        digits[at] = static_cast<char>(byte);
        const int value = hex_value(digits[at]);
        const auto read = parse_hex(digits);
        ASSERT_EQ(read.has_value(), value >= 0) << at << " " << byte;
        if (read) {
          ASSERT_EQ(*read, static_cast<std::uint64_t>(value) << 4 * (size - 1 - at));
        }
      }
}

struct Base64Case {
  const char* name;
  std::string_view text;
  std::optional<std::string_view> bytes;
};
class DecodeBase64Test : public testing::TestWithParam<Base64Case> {};

TEST_P(DecodeBase64Test, RefusesEverythingThatIsNotCanonical) {
  EXPECT_EQ(decode_base64(GetParam().text), GetParam().bytes);
}
constexpr Base64Case kDecodeBase64Rfc4648[] = {{"empty", "", ""},
                                               {"one", "Zg==", "f"},
                                               {"two", "Zm8=", "fo"},
                                               {"three", "Zm9v", "foo"},
                                               {"four", "Zm9vYg==", "foob"},
                                               {"five", "Zm9vYmE=", "fooba"},
                                               {"six", "Zm9vYmFy", "foobar"},
                                               {"all_signs", "+/+/", "\xFB\xFF\xBF"},
                                               {"zero_bytes", "AAAA", "\0\0\0"sv}};
INSTANTIATE_TEST_SUITE_P(Rfc4648, DecodeBase64Test, testing::ValuesIn(kDecodeBase64Rfc4648),
                         case_name<Base64Case>);
constexpr Base64Case kDecodeBase64WhiteSpace[] = {
    {"lines", "Zm9v\r\nYmFy\n", "foobar"}, {"within_a_group", "Z m\t9v", "foo"},
    {"within_the_padding", "Zg=\n=", "f"}, {"only", " \t\r\n", ""},
    {"form_feed", "Zm9v\f", {}},           {"vertical_tab", "\vZm9v", {}},
    {"no_break_space", "Zm9v\xC2\xA0", {}}};
INSTANTIATE_TEST_SUITE_P(WhiteSpace, DecodeBase64Test, testing::ValuesIn(kDecodeBase64WhiteSpace),
                         case_name<Base64Case>);
constexpr Base64Case kDecodeBase64Faults[] = {

    {"no_padding", "Zg", {}},
    {"half_padding", "Zg=", {}},
    {"too_much_padding", "Zg===", {}},
    {"padding_after_a_full_group", "Zm9v=", {}},
    {"full_group_of_padding", "Zm9v====", {}},
    {"padding_alone", "=", {}},
    {"four_paddings", "====", {}},
    {"padding_first", "=Zg=", {}},
    {"one_digit", "Z", {}},
    {"one_digit_padded", "Z===", {}},
    {"five_digits", "Zm9vY", {}},
    {"padding_within", "Zg==Zg==", {}},
    {"digit_after_padding", "Zg=o", {}},
    {"bits_after_one_byte", "Zh==", {}},
    {"bits_after_two_bytes", "Zm9=", {}},
    {"url_alphabet", "-_-_", {}},
    {"other_sign", "Zm9*", {}},
    {"beyond_ascii", "Zm9\xC3", {}},
    {"nul", std::string_view("Zm9v\0", 5), {}}};
INSTANTIATE_TEST_SUITE_P(Faults, DecodeBase64Test, testing::ValuesIn(kDecodeBase64Faults),
                         case_name<Base64Case>);

TEST(Base64Test, ReadsBackBytesOfEveryLength) {
  Random random(1);
  for (std::size_t size = 0; size < 200; ++size) {
    std::string bytes(size, '\0');
    for (char& b : bytes) b = static_cast<char>(random.below(256));
    std::string text = "+";
    append_base64(text, as_bytes(bytes));
    EXPECT_EQ(text.size(), 1 + (size + 2) / 3 * 4);
    EXPECT_EQ(decode_base64(std::string_view(text).substr(1)), bytes);
  }
}

TEST(Base64Test, TellsEveryByteAtEveryPlaceOfLongTexts) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string good(kDigits);
  good += kDigits.substr(0, 44);
  const std::string decoded = decode_base64(good).value();
  for (std::size_t at = 0; at < good.size(); ++at)
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = good;
      text[at] = static_cast<char>(byte);
      const std::size_t digit = kDigits.find(text[at]);
      const auto read = decode_base64(text);
      if (digit == std::string_view::npos) {
        // A '=' is good as the last one, when the bits before it are clear; they are not here.
        ASSERT_FALSE(read) << at << " " << byte;
        continue;
      }
      std::string expected = decoded;
      for (std::size_t bit = 0; bit < 6; ++bit) {
        const std::size_t place = at * 6 + bit;
        const auto mask = static_cast<char>(0x80 >> place % 8);
        const bool set = (digit >> (5 - bit) & 1) != 0;
        char& octet = expected[place / 8];
        octet = static_cast<char>(set ? octet | mask : octet & ~mask);
      }
      ASSERT_EQ(read, expected) << at << " " << byte;
    }
}

TEST(TextTest, TrimsXmlWhiteSpaceOnly) {
  EXPECT_EQ(trim(" \t\r\na b\n\r\t "), "a b");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim(" \n "), "");
  EXPECT_EQ(trim("\fa\v"), "\fa\v");
  EXPECT_EQ(trim("\xC2\xA0"), "\xC2\xA0");
}

TEST(TextTest, ChangesTheCaseOfAsciiOnly) {
  EXPECT_EQ(to_upper("az AZ 09 {`ä"), "AZ AZ 09 {`ä");
  EXPECT_TRUE(equals_ignoring_case("cgI", "CGI"));
  EXPECT_FALSE(equals_ignoring_case("cgI", "CGIX"));
  EXPECT_FALSE(equals_ignoring_case("ä", "Ä"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
}

struct Utf8Case {
  const char* name;
  std::string_view text;
  std::size_t bad;
};
constexpr std::size_t kGood = std::string_view::npos;
class Utf8Test : public testing::TestWithParam<Utf8Case> {};

TEST_P(Utf8Test, FindsTheFirstByteThatIsNotWellFormed) {
  const std::string text(GetParam().text);
  EXPECT_EQ(find_invalid_utf8(text), GetParam().bad);
  // The same behind good text, and in front of it.
  const std::size_t moved = GetParam().bad == kGood ? kGood : GetParam().bad + 4;
  EXPECT_EQ(find_invalid_utf8("a\xE2\x82\xAC" + text), moved);
  EXPECT_EQ(find_invalid_utf8(text + "z"), GetParam().bad);
}
constexpr Utf8Case kUtf8Good[] = {{"empty", "", kGood},
                                  {"nul", "\0"sv, kGood},
                                  {"last_of_one_byte", "\x7F", kGood},
                                  {"first_of_two_bytes", "\xC2\x80", kGood},
                                  {"last_of_two_bytes", "\xDF\xBF", kGood},
                                  {"first_of_three_bytes", "\xE0\xA0\x80", kGood},
                                  {"before_the_surrogates", "\xED\x9F\xBF", kGood},
                                  {"behind_the_surrogates", "\xEE\x80\x80", kGood},
                                  {"last_of_three_bytes", "\xEF\xBF\xBF", kGood},
                                  {"first_of_four_bytes", "\xF0\x90\x80\x80", kGood},
                                  {"last_of_all", "\xF4\x8F\xBF\xBF", kGood},
                                  {"byte_order_mark", "\xEF\xBB\xBF", kGood}};
INSTANTIATE_TEST_SUITE_P(Good, Utf8Test, testing::ValuesIn(kUtf8Good), case_name<Utf8Case>);
constexpr Utf8Case kUtf8Bad[] = {

    {"lone_continuation", "\x80", 0},
    {"last_continuation", "\xBF", 0},
    {"overlong_slash_of_two", "\xC0\xAF", 0},
    {"overlong_last_of_two", "\xC1\xBF", 0},
    {"overlong_nul", "\xC0\x80", 0},
    {"overlong_of_three", "\xE0\x9F\xBF", 0},
    {"overlong_of_four", "\xF0\x8F\xBF\xBF", 0},
    {"first_surrogate", "\xED\xA0\x80", 0},
    {"last_surrogate", "\xED\xBF\xBF", 0},
    {"surrogate_pair", "\xED\xA0\xBD\xED\xB4\x8C", 0},
    {"beyond_unicode", "\xF4\x90\x80\x80", 0},
    {"lead_f5", "\xF5\x80\x80\x80", 0},
    {"lead_fe", "\xFE", 0},
    {"lead_ff", "\xFF", 0},
    {"two_cut", "\xC3", 0},
    {"three_cut_after_one", "\xE2", 0},
    {"three_cut_after_two", "\xE2\x82", 0},
    {"four_cut_after_three", "\xF0\x9F\x94", 0},
    {"two_with_a_letter", "\xC3z", 0},
    {"three_with_a_letter", "\xE2\x82z", 0},
    {"four_with_a_letter", "\xF0\x9F\x94z", 0},
    {"third_byte_is_a_lead", "\xE2\x82\xC3\xA4", 0},
    {"continuation_too_many", "\xC3\xA4\x80", 2}};
INSTANTIATE_TEST_SUITE_P(Bad, Utf8Test, testing::ValuesIn(kUtf8Bad), case_name<Utf8Case>);

struct ShownCase {
  const char* name;
  std::string_view text;
  std::size_t limit;
  std::string_view expected;
};
class ShownTest : public testing::TestWithParam<ShownCase> {};

TEST_P(ShownTest, IsSafeToPrint) {
  EXPECT_EQ(shown(GetParam().text, GetParam().limit), GetParam().expected);
  EXPECT_EQ(find_invalid_utf8(shown(GetParam().text, GetParam().limit)), kGood);
}
constexpr ShownCase kShownTexts[] = {

    {"plain", "20190409", 60, "20190409"},
    {"empty", "", 60, ""},
    {"at_the_limit", "12345", 5, "12345"},
    {"cut", "123456", 5, "12345…"},
    {"control_bytes", "a\n\x1B[31m\x7F\0"sv, 60, "a\\x0A\\x1B[31m\\x7F\\x00"},
    {"second_control_range",
     "a\xC2\x9B"
     "31m\xC2\x80\xC2\x9F\xC2\xA0",
     60, "a\\xC2\\x9B31m\\xC2\\x80\\xC2\\x9F\xC2\xA0"},
    {"utf8_stays", "£20 €", 60, "£20 €"},
    {"invalid_bytes", "a\xFF\xC3z", 60, "a\\xFF\\xC3z"},
    {"cut_after_a_character", "ää", 2, "ä…"},
    {"cut_within_two_bytes", "ää", 3, "ä…"},
    {"cut_within_three_bytes", "a€", 3, "a…"},
    {"cut_within_four_bytes", "a\xF0\x9F\x94\x8C", 4, "a…"},
    {"cut_continuations_stay", "\x80\x80\x80\x80\x80\x80", 3, "\\x80\\x80\\x80…"},
    {"cut_lone_lead_stays", "\xC3\xC3\xC3\xC3", 2, "\\xC3\\xC3…"},
    {"cut_to_nothing", "abc", 0, "…"}};
INSTANTIATE_TEST_SUITE_P(Texts, ShownTest, testing::ValuesIn(kShownTexts), case_name<ShownCase>);

TEST(BytesTest, AreTheSameMemoryInBothViews) {
  const std::string_view text = "a\xFF";
  EXPECT_EQ(as_text(as_bytes(text)).data(), text.data());
  EXPECT_EQ(as_bytes(text)[1], 0xFF);
}

TEST(DecimalTest, ReadsDigitsOfEveryLengthAndNothingElse) {
  std::string digits;
  for (std::size_t size = 1; size < 20; ++size) {
    digits += static_cast<char>('0' + size * 7 % 10);
    std::uint64_t expected = 0;
    for (const char c : digits) expected = expected * 10 + static_cast<std::uint64_t>(c - '0');
    EXPECT_EQ(parse_decimal(digits), expected) << digits;
    for (std::size_t at = 0; at < size; ++at)
      for (unsigned byte = 0; byte < 256; ++byte) {
        std::string text = digits;
        text[at] = static_cast<char>(byte);
        ASSERT_EQ(parse_decimal(text).has_value(), byte >= '0' && byte <= '9') << text;
      }
  }
}

}  // namespace
}  // namespace s1flow
