// JSON Lines: one object a line, validated whole, within limits.

#include <gtest/gtest.h>

#include "codecs/json/framer.h"
#include "tests/case_name.h"
#include "tests/codecs/reading.h"
#include "tests/temporary_folder.h"

namespace s1flow::codecs {
namespace {

constexpr std::string_view kGood = R"({"installation":"A-1","smso":"A","group":"AA"})";

class JsonFileTest : public testing::Test {
 protected:
  Reading read(std::string_view text, const ReadingOptions& options = {}) {
    const Path path = folder_ / "file.jsonl";
    put_file(path, text);
    return read_whole_file(path, layout_, options);
  }
  TemporaryFolder folder_;
  std::shared_ptr<const Layout> layout_ = shipped_layout("inventory");
};

struct LineCase {
  const char* name;
  std::string_view line;
  std::string_view rule;
};
class JsonLineTest : public JsonFileTest, public testing::WithParamInterface<LineCase> {};

// Lines with a fault of record scope cost that line only.
TEST_P(JsonLineTest, IsRefusedAlone) {
  const std::string text =
      std::string(kGood) + "\n" + std::string(GetParam().line) + "\n" + std::string(kGood) + "\n";
  const Reading reading = read(text);
  ASSERT_EQ(reading.found.size(), 1U);
  const Fault& f = reading.found[0];
  EXPECT_EQ(f.rule->id, GetParam().rule) << f.note;
  EXPECT_EQ(f.line, 2U);
  EXPECT_EQ(f.ordinal, 2U);
  EXPECT_EQ(f.record, "installation 2");
  EXPECT_EQ(reading.records.size(), 2U);
}
INSTANTIATE_TEST_SUITE_P(
    Lines, JsonLineTest,
    testing::Values(
        LineCase{"Empty", "", "json.malformed"}, LineCase{"Blank", "  ", "json.malformed"},
        LineCase{"Text", "\"a\"", "json.malformed"}, LineCase{"Number", "12", "json.malformed"},
        LineCase{"Null", "null", "json.malformed"}, LineCase{"List", "[]", "json.malformed"},
        LineCase{"TwoObjects", "{} {}", "json.malformed"},
        LineCase{"TrailingComma", R"({"a":1,})", "json.malformed"},
        LineCase{"SingleQuotes", "{'a':1}", "json.malformed"},
        LineCase{"Comment", "{} // x", "json.malformed"},
        LineCase{"CutShort", R"({"installation":"A)", "json.malformed"},
        LineCase{"ControlCharacter", "{\"a\":\"\x01\"}", "json.malformed"},
        LineCase{"LoneSurrogate", R"({"installation":"\ud800"})", "json.malformed"},
        LineCase{"NotANumber", R"({"a":NaN})", "json.malformed"},
        LineCase{"LeadingZero", R"({"a":01})", "json.malformed"},
        LineCase{"HugeNumber", R"({"a":1e999})", "json.malformed"},
        LineCase{"KeyTwice", R"({"a":1,"a":1})", "json.duplicate-key"},
        LineCase{"KeyTwiceByEscape", R"({"a":1,"\u0061":2})", "json.duplicate-key"},
        LineCase{"KeyTwiceInside", R"({"b":[{"c":{"a":1,"a":2}}]})", "json.duplicate-key"},
        LineCase{"KeyTwiceAmongMany",
                 R"({"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,)"
                 R"("k":1,"l":1,"m":1,"n":1,"o":1,"p":1,"q":1,"c":2})",
                 "json.duplicate-key"}),
    case_name<LineCase>);

TEST_F(JsonFileTest, TakesWhatUnmappedKeysHold) {
  EXPECT_EQ(read(R"({"installation":"A-1","smso":"A","group":"AA","x":{"y":[1,{"z":null}]}})")
                .faults.size(),
            0U);
}

TEST_F(JsonFileTest, ReadsOneObjectForAListOfOne) {
  const Reading reading = read(
      R"({"installation":"A-1","smso":"A","group":"AA","devices":{"type":"CHF","id":"00-DB-12-00-00-00-00-01"}})");
  ASSERT_EQ(reading.records.size(), 1U);
  EXPECT_NE(reading.records[0].find("device[ type=CHF"), std::string::npos) << reading.records[0];
}

TEST_F(JsonFileTest, UnescapesTexts) {
  const Reading reading = read(R"({"installation":"A-1","smso":"\u00e9\"\\\/\n","group":"AA"})");
  ASSERT_EQ(reading.records.size(), 1U);
  EXPECT_NE(reading.records[0].find("smso=\xC3\xA9\"\\/"), std::string::npos) << reading.records[0];
}

struct NoValueCase {
  const char* name;
  std::string_view value, seen;
};
class JsonNoValueTest : public JsonFileTest, public testing::WithParamInterface<NoValueCase> {};

// A list or an object is no text, however it is written.
TEST_P(JsonNoValueTest, IsInvalidInATextField) {
  const Reading reading = read(R"({"installation":"A-1","smso":)" + std::string(GetParam().value) +
                               R"(,"group":"AA"})");
  ASSERT_EQ(reading.found.size(), 1U);
  EXPECT_EQ(reading.found[0].rule->id, "value.invalid");
  EXPECT_EQ(reading.found[0].field, "smso");
  EXPECT_EQ(reading.found[0].record, "A-1");
  EXPECT_EQ(reading.found[0].seen, GetParam().seen);
}
INSTANTIATE_TEST_SUITE_P(Values, JsonNoValueTest,
                         testing::Values(NoValueCase{"List", R"(["A"])", R"(["A"])"},
                                         NoValueCase{"EmptyList", "[ ]", "[]"},
                                         NoValueCase{"Object", R"({"a": "A"})", R"({"a":"A"})"},
                                         NoValueCase{"EmptyObject", "{}", "{}"},
                                         NoValueCase{"ListOfLists", "[[1], 2]", "[[1],2]"}),
                         case_name<NoValueCase>);

TEST_F(JsonFileTest, NamesARequiredKeyThatIsMissing) {
  layout_ = *layout_from(R"(# ours
type = "script"
version = "1"
container = "jsonl"
[record]
installation = "id"
fault = "why"
[jsonl]
required = ["why"]
)");
  const Reading reading = read("{\"id\":\"A-1\",\"why\":\"x\"}\n{\"id\":\"A-2\"}\n");
  ASSERT_EQ(reading.found.size(), 1U);
  EXPECT_EQ(reading.found[0].rule->id, "value.missing");
  EXPECT_EQ(reading.found[0].field, "why");
  EXPECT_EQ(reading.found[0].line, 2U);
}

struct LimitCase {
  const char* name;
  std::size_t Limits::*limit;
  std::size_t value;
  std::string good, bad;
};
class JsonLimitTest : public JsonFileTest, public testing::WithParamInterface<LimitCase> {};

std::string nested(std::size_t levels) {
  return R"({"installation":"A-1","smso":"A","group":"AA","x":)" + std::string(levels, '[') +
         std::string(levels, ']') + "}";
}

TEST_P(JsonLimitTest, HoldsAtItsValueAndNotAboveForEveryChunkSize) {
  ReadingOptions options;
  options.limits.*GetParam().limit = GetParam().value;
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{50}, std::size_t{1} << 20}) {
    options.chunk_bytes = chunk;
    const Reading good = read(GetParam().good + "\n", options);
    EXPECT_EQ(good.faults, std::vector<std::string>{}) << chunk;
    EXPECT_EQ(good.records.size(), 1U) << chunk;
    const Reading bad = read(std::string(kGood) + "\n" + GetParam().bad + "\n", options);
    ASSERT_EQ(bad.found.size(), 1U) << chunk;
    EXPECT_EQ(bad.found[0].rule->id, "json.limit") << chunk << " " << bad.found[0].note;
  }
}
INSTANTIATE_TEST_SUITE_P(
    Limits, JsonLimitTest,
    testing::Values(
        LimitCase{"Depth", &Limits::depth, 8, nested(7), nested(8)},
        LimitCase{"DepthBeyondTheParsers", &Limits::depth, 64, nested(63), nested(5000)},
        LimitCase{"Field", &Limits::field_bytes, 20,
                  R"({"installation":"A-1","smso":"AAAAAAAAAAAAAAAAAAAA","group":"AA"})",
                  R"({"installation":"A-1","smso":"AAAAAAAAAAAAAAAAAAAAA","group":"AA"})"},
        LimitCase{"Records", &Limits::records, 1, std::string(kGood), std::string(kGood)},
        LimitCase{"FileBytes", &Limits::file_bytes, kGood.size() + 1, std::string(kGood), "{}"},
        LimitCase{"Record", &Limits::record_bytes, 60,
                  R"({"installation":"A-1","smso":"AAAAAAAAAAAAAAA","group":"AA"})",
                  R"({"installation":"A-1","smso":"AAAAAAAAAAAAAAAA","group":"AA"})"}),
    case_name<LimitCase>);

TEST(LineFramerTest, EndsRecordsAtLineFeedsForEverySplit) {
  const std::string text = "{}\n\n{\"a\":\"b\"}\r\n{}";
  for (std::size_t split = 0; split <= text.size(); ++split) {
    LineFramer framer;
    const auto first = framer.scan(std::string_view(text).substr(0, split), false);
    ASSERT_TRUE(first);
    EXPECT_TRUE(first->end == 0 || text[first->end - 1] == '\n') << split;
    framer.consumed(first->end);
    const auto rest = framer.scan(std::string_view(text).substr(first->end), true);
    ASSERT_TRUE(rest);
    EXPECT_EQ(first->end + rest->end, text.size());
    EXPECT_EQ(first->records + rest->records, 4U) << split;
  }
}

}  // namespace
}  // namespace s1flow::codecs
