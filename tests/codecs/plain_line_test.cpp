// Lines of JSON that are read plainly, and lines that are not: both have to give what simdjson's
// parser gives.

#include <gtest/gtest.h>

#include "tests/case_name.h"
#include "tests/codecs/json_lines.h"
#include "tests/codecs/reading.h"
#include "tests/codecs/two_json_ways.h"

namespace s1flow::codecs {
namespace {

constexpr std::string_view kOfEveryShape = R"(# ours
type = "mcf"
version = "1"
container = "jsonl"
[formats]
serial = "hex"
[record]
installation-id = "id"
not-before = "window/from"
not-after = "window/to"
[[record.device]]
path = "chf"
set = { type = "chf" }
id = "id"
firmware = "a-name-of-more-than-thirty-two-bytes"
[[record.device]]
path = "meters"
set = { type = "esme" }
id = "id"
[record.device.meter-point]
path = "mpan"
mpxn = "."
[record.device.supplier-certificate]
path = "certificates"
serial = "serial"
[[record.credential]]
path = "credentials"
device-type = "device"
value = { path = "deep/key", format = "base64" }
[jsonl]
required = ["id"]
)";

std::shared_ptr<const Layout> of_every_shape() {
  auto layout = layout_from(std::string(kOfEveryShape));
  EXPECT_TRUE(layout.has_value()) << layout.error().message();
  return *layout;
}

struct LayoutCase {
  const char* name;
  std::shared_ptr<const Layout> (*layout)();
};
class PlainLineTest : public testing::TestWithParam<LayoutCase> {
 protected:
  std::shared_ptr<const Layout> layout_ = GetParam().layout();
  JsonLines lines_{layout_};
};

TEST_P(PlainLineTest, ReadsWhatWritersWriteWithoutTheParser) {
  TwoJsonWays ways(layout_);
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string lines;
    for (int k = 0; k < 5; ++k) lines += lines_.plain(random) + (k % 2 == 0 ? "\n" : "\r\n");
    ASSERT_EQ(ways.compare(lines), "");
  }
  EXPECT_EQ(ways.counts().lines, 10000U);
  EXPECT_EQ(ways.counts().plain, 10000U);
  EXPECT_EQ(ways.counts().records, 10000U);
}

TEST_P(PlainLineTest, GivesWhatTheParserGivesForOddLines) {
  TwoJsonWays ways(layout_);
  Random random(2);
  for (int i = 0; i < 20000; ++i)
    ASSERT_EQ(ways.compare(lines_.odd(random) + "\n" + lines_.odd(random)), "");
  EXPECT_GT(ways.counts().plain, ways.counts().lines / 10);
  EXPECT_LT(ways.counts().plain, ways.counts().lines * 9 / 10);
}

TEST_P(PlainLineTest, GivesWhatTheParserGivesForSpoiledLines) {
  Limits limits;
  limits.depth = 5;
  limits.field_bytes = 40;
  limits.record_bytes = 2000;
  TwoJsonWays ways(layout_, limits);
  Random random(3);
  for (int i = 0; i < 20000; ++i)
    ASSERT_EQ(ways.compare(spoiled_line(
                  random.chance(0.5) ? lines_.plain(random) : lines_.odd(random), random)),
              "");
  EXPECT_GT(ways.counts().plain, 500U);
  EXPECT_GT(ways.counts().faults, 5000U);
}

// The line after one with very many items begins with little room again.
TEST_P(PlainLineTest, GivesWhatTheParserGivesForListsOfVeryManyItems) {
  TwoJsonWays ways(layout_);
  Random random(4);
  for (const std::string_view key : {"meters", "devices"}) {
    std::string many = "{\"" + std::string(key) + "\":[null";
    for (int i = 0; i < 40'000; ++i) many += i % 2 == 0 ? ",null" : ",{\"id\":\"x\"}";
    EXPECT_EQ(ways.compare(lines_.plain(random) + "\n" + many + "]}\n" + lines_.plain(random)), "");
  }
  EXPECT_EQ(ways.counts().plain, 6U);
}

INSTANTIATE_TEST_SUITE_P(Layouts, PlainLineTest,
                         testing::Values(LayoutCase{"Inventory",
                                                    [] { return shipped_layout("inventory"); }},
                                         LayoutCase{"EveryShape", of_every_shape}),
                         case_name<LayoutCase>);

// Names that cannot be told by their bytes leave every line to the parser.
struct NameCase {
  const char* name;
  std::string_view key;
};
class OddNameTest : public testing::TestWithParam<NameCase> {};

TEST_P(OddNameTest, IsLeftToTheParser) {
  auto layout = layout_from(
      "# ours\ntype = \"script\"\nversion = \"1\"\ncontainer = \"jsonl\"\n[record]\ninstallation = "
      "'" +
      std::string(GetParam().key) + "'\nfault = \"why\"\n");
  ASSERT_TRUE(layout.has_value()) << layout.error().message();
  TwoJsonWays ways(*layout);
  EXPECT_EQ(ways.compare("{\"" + std::string(GetParam().key) +
                         "\":\"A-1\",\"why\":\"x\"}\n{\"why\":\"x\"}\n"),
            "");
  EXPECT_EQ(ways.counts().lines, 2U);
  EXPECT_EQ(ways.counts().plain, 0U);
}
INSTANTIATE_TEST_SUITE_P(
    Names, OddNameTest,
    testing::Values(NameCase{"Quote", "i\"d"}, NameCase{"Backslash", "i\\u0064"},
                    NameCase{"Long", "a-name-of-more-than-forty-eight-bytes-is-not-looked-for"}),
    case_name<NameCase>);

}  // namespace
}  // namespace s1flow::codecs
