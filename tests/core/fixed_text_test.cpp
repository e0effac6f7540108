#include "core/fixed_text.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/case_name.h"

namespace s1flow {
namespace {

TEST(FixedTextTest, KeepsTextUpToItsSize) {
  using Text = FixedText<4>;
  for (const char* text : {"", "a", "abcd"}) {
    const auto made = Text::make(text);
    ASSERT_TRUE(made) << text;
    EXPECT_EQ(made->view(), text);
    EXPECT_EQ(made->empty(), std::string_view(text).empty());
  }
  EXPECT_FALSE(Text::make("abcde"));
}

TEST(FixedTextTest, TakesAViewOfNothing) {
  const auto made = FixedText<4>::make(std::string_view());
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->empty());
}

TEST(FixedTextTest, KeepsBytesOfEveryValue) {
  const std::string text("\0\xFF\n", 3);
  EXPECT_EQ(FixedText<3>::make(text)->view(), text);
}

TEST(FixedTextTest, HoldsItsOwnCopy) {
  std::string text = "abc";
  const auto made = FixedText<4>::make(text);
  text = "xyz";
  EXPECT_EQ(made->view(), "abc");
}

TEST(FixedTextTest, ComparesAsText) {
  using Text = FixedText<255>;
  EXPECT_EQ(Text::make("ab"), Text::make("ab"));
  EXPECT_LT(*Text::make("ab"), *Text::make("abc"));
  EXPECT_LT(*Text::make("abc"), *Text::make("b"));
  EXPECT_LT(Text(), *Text::make("a"));
  EXPECT_EQ(Text::make(std::string(255, 'x'))->view().size(), 255U);
}

TEST(FixedTextTest, IsNoLargerThanItsTextAndALength) {
  EXPECT_EQ(sizeof(FixedText<8>), 9U);
  EXPECT_EQ(sizeof(InstallationId), 33U);
}

struct TextCase {
  const char* name;
  std::string_view text;
  bool good;
};

class InstallationIdTest : public testing::TestWithParam<TextCase> {};
TEST_P(InstallationIdTest, IsPrintableAndFitsACsvField) {
  const auto id = parse_installation_id(GetParam().text);
  ASSERT_EQ(id.has_value(), GetParam().good);
  if (id) {
    EXPECT_EQ(id->view(), GetParam().text);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Ids, InstallationIdTest,
    testing::Values(TextCase{"one", "1", true}, TextCase{"signs", "INS-0001/a_b.c:~!", true},
                    TextCase{"thirty_two", "12345678901234567890123456789012", true},
                    TextCase{"thirty_three", "123456789012345678901234567890123", false},
                    TextCase{"empty", "", false}, TextCase{"blank", "a b", false},
                    TextCase{"comma", "a,b", false}, TextCase{"newline", "a\n", false},
                    TextCase{"delete", "a\x7F", false}, TextCase{"beyond_ascii", "ä", false}),
    case_name<TextCase>);

class FirmwareVersionTest : public testing::TestWithParam<TextCase> {};
TEST_P(FirmwareVersionTest, HasOneToEightCharacters) {
  EXPECT_EQ(is_firmware_version(GetParam().text), GetParam().good);
  EXPECT_EQ(FirmwareVersion::make(GetParam().text).has_value(),
            GetParam().good || std::string_view(GetParam().text).empty());
}
INSTANTIATE_TEST_SUITE_P(Versions, FirmwareVersionTest,
                         testing::Values(TextCase{"short", "9001", true},
                                         TextCase{"eight", "0002012F", true},
                                         TextCase{"nine", "0002012F0", false},
                                         TextCase{"empty", "", false}),
                         case_name<TextCase>);

}  // namespace
}  // namespace s1flow
