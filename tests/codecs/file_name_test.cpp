// Names of files as patterns over header fields.

#include "codecs/layout/file_name.h"

#include <gtest/gtest.h>

#include "codecs/files/exchange.h"
#include "tests/case_name.h"

namespace s1flow::codecs {
namespace {

namespace ex = exchange;

ValueFormat defaults() {
  ValueFormat format;
  format.time_format = "%Y-%m-%d";
  return format;
}
FileNamePattern pattern(std::string_view text) {
  auto parsed = FileNamePattern::parse(text, ex::kHeader, defaults());
  EXPECT_TRUE(parsed) << parsed.error().message();
  return *parsed;
}

void fill(Record& header) {
  set(header[ex::sender], Eui64(0x90B3D51F30010000));
  set_number(header[ex::counter], 42);
  set(header[ex::created], *UtcTime::parse("2021-06-04T10:11:12Z"));
  set_text(header[ex::smso], "SMSO/A b");
  set(header[ex::group_id], *GroupId::parse("CA"));
}

struct NameCase {
  const char* name;
  std::string_view pattern;
  std::string_view made;
};
class FileNameTest : public testing::TestWithParam<NameCase> {};

TEST_P(FileNameTest, IsMadeFromTheHeaderAndReadBack) {
  Arena arena;
  Record header(ex::kHeader, arena);
  fill(header);
  const FileNamePattern p = pattern(GetParam().pattern);
  EXPECT_EQ(p.make(header), GetParam().made);
  Record back(ex::kHeader, arena);
  EXPECT_TRUE(p.read(GetParam().made, back));
  for (const std::size_t field : {ex::sender, ex::counter, ex::group_id})
    if (p.has(field)) {
      EXPECT_EQ(back[field].lo, header[field].lo) << field;
    }
  EXPECT_EQ(p.make(back), GetParam().made);
}
INSTANTIATE_TEST_SUITE_P(
    Patterns, FileNameTest,
    testing::Values(NameCase{"TimeOfTheMaf", "MA_{sender}_{created:%Y%m%d_%H%M%S}.csv",
                             "MA_90-B3-D5-1F-30-01-00-00_20210604_101112.csv"},
                    NameCase{"PaddedCounter", "MC_{counter:08}.xml", "MC_00000042.xml"},
                    NameCase{"BareCounter", "MC_{counter}.xml", "MC_42.xml"},
                    NameCase{"TextWithOddCharacters", "x_{smso}", "x_SMSO_A_b"},
                    NameCase{"WithoutAValue", "x_{file-id}.xml", "x_-.xml"},
                    NameCase{"FixedSizesSideBySide", "{created:%Y%m%d}{sender}{group-id}",
                             "2021060490-B3-D5-1F-30-01-00-00CA"},
                    NameCase{"OnlyLiteral", "file.csv", "file.csv"}),
    case_name<NameCase>);

struct NoMatchCase {
  const char* name;
  std::string_view pattern;
  std::string_view text;
};
class FileNameMismatchTest : public testing::TestWithParam<NoMatchCase> {};

TEST_P(FileNameMismatchTest, IsNotRead) {
  Arena arena;
  Record header(ex::kHeader, arena);
  EXPECT_FALSE(pattern(GetParam().pattern).read(GetParam().text, header));
}
INSTANTIATE_TEST_SUITE_P(Names, FileNameMismatchTest,
                         testing::Values(NoMatchCase{"Empty", "MC_{counter}.xml", ""},
                                         NoMatchCase{"OtherPrefix", "MC_{counter}.xml", "MV_1.xml"},
                                         NoMatchCase{"OtherSuffix", "MC_{counter}.xml", "MC_1.csv"},
                                         NoMatchCase{"MoreAfterwards", "MC_{counter}.xml",
                                                     "MC_1.xml.gz"},
                                         NoMatchCase{"EmptyValue", "MC_{counter}.xml", "MC_.xml"},
                                         NoMatchCase{"NotANumber", "MC_{counter}.xml", "MC_x.xml"},
                                         NoMatchCase{"ShortEui", "{sender}.xml", "90-B3.xml"},
                                         NoMatchCase{"NoSuchDay", "{created:%Y%m%d}", "20210631"},
                                         NoMatchCase{"NoLiteralAfterValue", "{smso}_x", "abc"}),
                         case_name<NoMatchCase>);

struct BadPatternCase {
  const char* name;
  std::string_view pattern;
  std::string_view message;
};
class BadPatternTest : public testing::TestWithParam<BadPatternCase> {};

TEST_P(BadPatternTest, IsAUsageError) {
  const auto parsed = FileNamePattern::parse(GetParam().pattern, ex::kHeader, defaults());
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().kind(), ErrorKind::usage);
  EXPECT_EQ(parsed.error().message(), GetParam().message);
}
INSTANTIATE_TEST_SUITE_P(
    Patterns, BadPatternTest,
    testing::Values(
        BadPatternCase{"Empty", "", "file-name: is empty"},
        BadPatternCase{"Folder", "a/{counter}", "file-name: '/' cannot stand in a file name"},
        BadPatternCase{"Open", "a{counter", "file-name: '{' without '}'"},
        BadPatternCase{"UnknownField", "{colour}", "file-name: there is no header field 'colour'"},
        BadPatternCase{"BadDate", "{created:%Q}", "file-name: '%Q' is not a date format"},
        BadPatternCase{"WideCounter", "{counter:21}", "file-name: width '21' is above 20"},
        BadPatternCase{"TwoOpenEnds", "{smso}{file-id}",
                       "file-name: 'file-id' needs a literal before it"}),
    case_name<BadPatternCase>);

TEST(FileNamePatternTest, TellsItsPrefixAndFields) {
  const FileNamePattern p = pattern("MA_{smso}.csv");
  EXPECT_EQ(p.prefix(), "MA_");
  EXPECT_TRUE(p.has(ex::smso));
  EXPECT_FALSE(p.has(ex::sender));
  EXPECT_EQ(pattern("{smso}").prefix(), "");
  EXPECT_TRUE(FileNamePattern().empty());
}

TEST(FileNamePatternTest, NeverLeadsToAnotherFolder) {
  Arena arena;
  Record header(ex::kHeader, arena);
  for (const std::string_view evil : {"../../etc/passwd", "a/b", "\\x", "a\nb", "\xC3\xA9"}) {
    set_text(header[ex::smso], evil);
    EXPECT_EQ(pattern("{smso}").make(header).find_first_of("/\\\n\xC3"), std::string::npos);
  }
}

}  // namespace
}  // namespace s1flow::codecs
