// Configuration files: every fault is one line that names file, line and key.

#include "codecs/config.h"

#include <gtest/gtest.h>

#include "codecs/utf8.h"
#include "core/text.h"
#include "tests/case_name.h"
#include "tests/temporary_folder.h"

namespace s1flow::codecs {
namespace {

ConfigValue parsed(std::string_view toml) {
  auto value = parse_config(toml, "f.toml");
  EXPECT_TRUE(value) << value.error().message();
  return *value;
}

TEST(ConfigTest, ReadsEveryKindWithItsLine) {
  const ConfigValue root = parsed(
      "text = 'a'\ncount = 7\nreal = 0.5\nwhole = 2\nyes = true\nday = 2021-06-07\n"
      "time = 2021-06-04T09:00:00Z\neui = \"90-B3-D5-1F-30-01-00-00\"\nlist = ['a', 'b']\n"
      "word = 'two'\n[inner]\nx = 1\n[[rows]]\nn = 1\n[[rows]]\nn = 2\n");
  ConfigReader r(&root, "f.toml");
  EXPECT_EQ(r.text("text", ""), "a");
  EXPECT_EQ(r.count("count", 0), 7U);
  EXPECT_EQ(r.real("real", 0, 0, 1), 0.5);
  EXPECT_EQ(r.real("whole", 0, 0, 2), 2.0);
  EXPECT_TRUE(r.boolean("yes", false));
  EXPECT_EQ(r.date("day").text(), "2021-06-07");
  EXPECT_EQ(r.time("time").text(), "2021-06-04T09:00:00Z");
  EXPECT_EQ(r.eui("eui").text(), "90-B3-D5-1F-30-01-00-00");
  EXPECT_EQ(r.texts("list"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(r.choice("word", {"one", "two"}, 0), 1U);
  const ConfigValue* inner = r.table("inner");
  ASSERT_NE(inner, nullptr);
  EXPECT_EQ(inner->line, 11U);
  const auto rows = r.tables("rows");
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(ConfigReader(rows[1], "x").count("n", 0), 2U);
  EXPECT_TRUE(r.finish());
}

TEST(ConfigTest, GivesFallbacksForWhatIsMissing) {
  ConfigReader r(nullptr, "f.toml");
  EXPECT_FALSE(r.has("x"));
  EXPECT_EQ(r.text("x", "y"), "y");
  EXPECT_EQ(r.count("x", 3), 3U);
  EXPECT_EQ(r.real("x", 0.25, 0, 1), 0.25);
  EXPECT_TRUE(r.boolean("x", true));
  EXPECT_EQ(r.choice("x", {"a"}, 5), 5U);
  EXPECT_TRUE(r.texts("x").empty());
  EXPECT_TRUE(r.tables("x").empty());
  EXPECT_EQ(r.table("x"), nullptr);
  EXPECT_TRUE(r.rest().empty());
  EXPECT_TRUE(r.finish());
}

TEST(ConfigTest, GivesTheRestOnce) {
  const ConfigValue root = parsed("a = 1\nb = 2\nc = 3\n");
  ConfigReader r(&root, "f.toml");
  (void)r.count("b", 0);
  const auto rest = r.rest();
  ASSERT_EQ(rest.size(), 2U);
  EXPECT_EQ(rest[0].first, "a");
  EXPECT_EQ(rest[1].first, "c");
  EXPECT_TRUE(r.rest().empty());
  EXPECT_TRUE(r.finish());
}

using Use = void (*)(ConfigReader&);
struct FaultCase {
  const char* name;
  std::string_view toml;
  Use use;
  std::string_view message;
};
class ConfigFaultTest : public testing::TestWithParam<FaultCase> {};

TEST_P(ConfigFaultTest, IsToldInOneLine) {
  const ConfigValue root = parsed(GetParam().toml);
  ConfigReader r(&root, "f.toml");
  GetParam().use(r);
  const Status status = r.finish();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind(), ErrorKind::usage);
  EXPECT_EQ(status.error().message(), GetParam().message);
}
INSTANTIATE_TEST_SUITE_P(
    Faults, ConfigFaultTest,
    testing::Values(
        FaultCase{"UnknownKey", "\nwrong = 1\n", [](ConfigReader&) {},
                  "f.toml: line 2: unknown key 'wrong'"},
        FaultCase{"TextExpected", "x = 1\n", [](ConfigReader& r) { (void)r.text("x", ""); },
                  "f.toml: line 1: 'x' must be a text"},
        FaultCase{"TextMissing", "", [](ConfigReader& r) { (void)r.required_text("x"); },
                  "f.toml: line 1: 'x' is missing"},
        FaultCase{"CountExpected", "x = 'a'\n", [](ConfigReader& r) { (void)r.count("x", 0); },
                  "f.toml: line 1: 'x' must be a whole number"},
        FaultCase{"CountNegative", "x = -1\n", [](ConfigReader& r) { (void)r.count("x", 0, 9); },
                  "f.toml: line 1: 'x' must lie between 0 and 9"},
        FaultCase{"CountTooLarge", "x = 10\n", [](ConfigReader& r) { (void)r.count("x", 0, 9); },
                  "f.toml: line 1: 'x' must lie between 0 and 9"},
        FaultCase{"RealExpected", "x = 'a'\n", [](ConfigReader& r) { (void)r.real("x", 0, 0, 1); },
                  "f.toml: line 1: 'x' must be a number between 0 and 1"},
        FaultCase{"RealNotANumber", "x = nan\n",
                  [](ConfigReader& r) { (void)r.real("x", 0, 0, 1); },
                  "f.toml: line 1: 'x' must be a number between 0 and 1"},
        FaultCase{"RealTooLarge", "x = 1.01\n", [](ConfigReader& r) { (void)r.real("x", 0, 0, 1); },
                  "f.toml: line 1: 'x' must be a number between 0 and 1"},
        FaultCase{"BooleanExpected", "x = 1\n", [](ConfigReader& r) { (void)r.boolean("x", true); },
                  "f.toml: line 1: 'x' must be true or false"},
        FaultCase{"EuiOfWrongForm", "x = '90B3'\n", [](ConfigReader& r) { (void)r.eui("x"); },
                  "f.toml: line 1: 'x' must be an EUI-64 such as 90-B3-D5-1F-30-01-00-00"},
        FaultCase{"DateMissing", "", [](ConfigReader& r) { (void)r.date("x"); },
                  "f.toml: line 1: 'x' is missing"},
        FaultCase{"DateOfWrongForm", "x = '7 June'\n", [](ConfigReader& r) { (void)r.date("x"); },
                  "f.toml: line 1: 'x' must be a date such as 2021-06-07"},
        FaultCase{"DateIsATime", "x = 2021-06-07T00:00:00Z\n",
                  [](ConfigReader& r) { (void)r.date("x"); },
                  "f.toml: line 1: 'x' must be a date such as 2021-06-07"},
        FaultCase{"TimeMissing", "", [](ConfigReader& r) { (void)r.time("x"); },
                  "f.toml: line 1: 'x' is missing"},
        FaultCase{"TimeLocal", "x = 2021-06-04T09:00:00\n",
                  [](ConfigReader& r) { (void)r.time("x"); },
                  "f.toml: line 1: 'x' must be a time in UTC such as 2021-06-04T09:00:00Z"},
        FaultCase{"TimeOfAnotherZone", "x = 2021-06-04T09:00:00+01:00\n",
                  [](ConfigReader& r) { (void)r.time("x"); },
                  "f.toml: line 1: 'x' must be a time in UTC such as 2021-06-04T09:00:00Z"},
        FaultCase{"ListExpected", "x = 'a'\n", [](ConfigReader& r) { (void)r.texts("x"); },
                  "f.toml: line 1: 'x' must be a list of texts"},
        FaultCase{"ListOfTexts", "x = ['a', 1]\n", [](ConfigReader& r) { (void)r.texts("x"); },
                  "f.toml: line 1: 'x' must be a list of texts"},
        FaultCase{"UnknownChoice", "x = 'c'\n",
                  [](ConfigReader& r) {
                    (void)r.choice("x", {"a", "b"}, 0);
                  },
                  "f.toml: line 1: 'x' must be one of: a, b"},
        FaultCase{"TableExpected", "x = 1\n", [](ConfigReader& r) { (void)r.table("x"); },
                  "f.toml: line 1: 'x' must be a table"},
        FaultCase{"TablesExpected", "x = [1]\n", [](ConfigReader& r) { (void)r.tables("x"); },
                  "f.toml: line 1: 'x' must be a list of tables"},
        FaultCase{"FirstOfTwo", "x = 1\ny = 2\n",
                  [](ConfigReader& r) {
                    (void)r.text("x", "");
                    (void)r.text("y", "");
                  },
                  "f.toml: line 1: 'x' must be a text"}),
    case_name<FaultCase>);

TEST(ConfigTest, RefusesWhatIsNoTableWhereOneIsRead) {
  const ConfigValue root = parsed("x = 1\n");
  ConfigReader r(root.find("x"), "f.toml: x");
  const Status status = r.finish();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message(), "f.toml: x: line 1: must be a table");
}

TEST(ConfigTest, NamesTheLineOfASyntaxError) {
  const auto value = parse_config("a = 1\nb = \n", "f.toml");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().kind(), ErrorKind::usage);
  EXPECT_TRUE(std::string(value.error().message()).starts_with("f.toml:2: "))
      << value.error().message();
}

// The library asks of each of these whether it is white space.
TEST(ConfigTest, RefusesLettersOutsideAsciiInFrontOfAKey) {
  for (const std::string_view letter :
       {"\u0212", "\u00E9", "\u1681", "\u2010", "\u3001", "\uFB01"}) {
    const auto read = parse_config(" " + std::string(letter) + " = 1\n", "a.toml");
    ASSERT_FALSE(read) << letter;
    EXPECT_TRUE(read.error().message().starts_with("a.toml:1: ")) << read.error().message();
  }
}

TEST(ConfigTest, RefusesAKeyTwice) {
  EXPECT_FALSE(parse_config("a = 1\na = 2\n", "f.toml"));
}

TEST(ConfigTest, TellsAMissingFile) {
  const TemporaryFolder folder;
  const auto value = load_config(folder / "none.toml");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().kind(), ErrorKind::io);
}

// ---- UTF-8

struct Utf8Case {
  const char* name;
  std::string_view bytes;
  bool valid;
};
class Utf8Test : public testing::TestWithParam<Utf8Case> {};

TEST_P(Utf8Test, IsJudgedAlikeByTheFastAndTheExactCheck) {
  // At every place of the registers' width.
  for (std::size_t before = 0; before < 70; ++before) {
    std::string text(before, 'x');
    text += GetParam().bytes;
    EXPECT_EQ(is_valid_utf8(text), GetParam().valid) << before;
    EXPECT_EQ(find_invalid_utf8(text) == std::string_view::npos, GetParam().valid) << before;
    if (!GetParam().valid) {
      EXPECT_GE(find_invalid_utf8(text), before);
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Bytes, Utf8Test,
                         testing::Values(Utf8Case{"Empty", "", true},
                                         Utf8Case{"Ascii", "a\x7F", true},
                                         Utf8Case{"Two", "\xC2\x80\xDF\xBF", true},
                                         Utf8Case{"Three", "\xE0\xA0\x80\xEF\xBF\xBF", true},
                                         Utf8Case{"Four", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", true},
                                         Utf8Case{"LoneContinuation", "\x80", false},
                                         Utf8Case{"CutShort", "\xE2\x82", false},
                                         Utf8Case{"OverlongTwo", "\xC0\x80", false},
                                         Utf8Case{"OverlongThree", "\xE0\x9F\xBF", false},
                                         Utf8Case{"OverlongFour", "\xF0\x8F\xBF\xBF", false},
                                         Utf8Case{"Surrogate", "\xED\xA0\x80", false},
                                         Utf8Case{"AboveUnicode", "\xF4\x90\x80\x80", false},
                                         Utf8Case{"FiveBytes", "\xF8\x88\x80\x80\x80", false},
                                         Utf8Case{"Latin1", "\xE9t\xE9", false}),
                         case_name<Utf8Case>);

}  // namespace
}  // namespace s1flow::codecs
