#include "core/json_text.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tests/case_name.h"

namespace s1flow {
namespace {

struct StringCase {
  const char* name;
  std::string text;
  std::string json;
};
class JsonStringTest : public testing::TestWithParam<StringCase> {};

TEST_P(JsonStringTest, EscapesWhatJsonCannotHold) {
  std::string out = ":";
  append_json_string(out, GetParam().text);
  EXPECT_EQ(out, ":" + GetParam().json);
}
INSTANTIATE_TEST_SUITE_P(
    Texts, JsonStringTest,
    testing::Values(
        StringCase{"empty", "", R"("")"}, StringCase{"plain", "a/b", R"("a/b")"},
        StringCase{"quotes", R"(say "hi"\)", R"("say \"hi\"\\")"},
        StringCase{"line_ends", "a\r\nb\tc", R"("a\r\nb\tc")"},
        StringCase{"control_bytes", std::string("\0\x01\x1F", 3), R"("\u0000\u0001\u001F")"},
        StringCase{"delete_is_allowed", "\x7F", "\"\x7F\""},
        StringCase{"utf8_stays", "£ä€\xF0\x9F\x94\x8C", "\"£ä€\xF0\x9F\x94\x8C\""},
        StringCase{"invalid_byte", "a\xFFz", "\"a\xEF\xBF\xBDz\""},
        StringCase{"invalid_at_the_end", "a\xC3", "\"a\xEF\xBF\xBD\""},
        StringCase{"surrogate", "\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""}),
    case_name<StringCase>);

TEST(JsonObjectTest, WritesMembersInOrder) {
  std::string out = "x";
  JsonObject o(out);
  o.text("a", "1\"").number("b", std::numeric_limits<std::uint64_t>::max());
  o.boolean("c", true).boolean("d", false).raw("e", "[1]").finish();
  EXPECT_EQ(out, R"(x{"a":"1\"","b":18446744073709551615,"c":true,"d":false,"e":[1]})");
}

TEST(JsonObjectTest, IsAnEmptyObjectWithoutMembers) {
  std::string out;
  JsonObject(out).finish();
  EXPECT_EQ(out, "{}");
}

struct RealCase {
  const char* name;
  double value;
  const char* json;
};
class JsonRealTest : public testing::TestWithParam<RealCase> {};

TEST_P(JsonRealTest, IsTheShortestTextThatReadsBackEqual) {
  std::string out;
  JsonObject o(out);
  o.real("r", GetParam().value);
  o.finish();
  EXPECT_EQ(out, std::string("{\"r\":") + GetParam().json + "}");
}
INSTANTIATE_TEST_SUITE_P(
    Values, JsonRealTest,
    testing::Values(RealCase{"zero", 0.0, "0"}, RealCase{"tenth", 0.1, "0.1"},
                    RealCase{"sum", 0.1 + 0.2, "0.30000000000000004"},
                    RealCase{"whole", 12.0, "12"}, RealCase{"negative", -2.5, "-2.5"},
                    RealCase{"large", 1e300, "1e+300"}, RealCase{"small", 5e-324, "5e-324"},
                    RealCase{"infinite", std::numeric_limits<double>::infinity(), "null"},
                    RealCase{"not_a_number", std::nan(""), "null"}),
    case_name<RealCase>);

}  // namespace
}  // namespace s1flow
