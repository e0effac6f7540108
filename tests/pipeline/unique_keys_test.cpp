// Keys that come again are found whatever the budget, and the check of a file gives the same.

#include "pipeline/unique_keys.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "codecs/layout/layout.h"
#include "core/random.h"
#include "pipeline/single/check.h"
#include "tests/case_name.h"
#include "tests/pipeline/support.h"
#include "tests/temporary_folder.h"

namespace s1flow::pipeline {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

// Ordinals of keys that came before, told at once or at the end.
std::vector<std::uint64_t> repeated(UniqueKeys& keys, const std::vector<std::string>& all,
                                    std::size_t most = 1'000'000) {
  std::vector<std::uint64_t> found;
  std::uint64_t ordinal = 0;
  for (const std::string& key : all) {
    ++ordinal;
    const auto answer =
        keys.add(key, {.line = ordinal + 7, .byte = ordinal * 3, .ordinal = ordinal});
    EXPECT_TRUE(answer) << answer.error().message();
    if (answer && *answer == UniqueKeys::Answer::again) found.push_back(ordinal);
  }
  std::uint64_t more = 0;
  const auto late = keys.finish(most, more);
  EXPECT_TRUE(late) << late.error().message();
  for (const UniqueKeys::Occurrence& o : *late) {
    EXPECT_EQ(o.text, all[o.place.ordinal - 1]);
    EXPECT_EQ(o.place.line, o.place.ordinal + 7);
    EXPECT_EQ(o.place.byte, o.place.ordinal * 3);
    found.push_back(o.place.ordinal);
  }
  return found;
}

std::vector<std::string> many_keys(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < count; ++i)
    keys.push_back(i > 10 && random.chance(0.01) ? keys[random.below(i)]
                                                 : fmt::format("INSTALLATION-{}-{}", seed, i));
  return keys;
}

TEST(UniqueKeysTest, FindsTheSameHoweverManyAreExpected) {
  const TemporaryFolder folder;
  const std::vector<std::string> all = many_keys(60'000, 5);
  UniqueKeys reference({.bytes = 64 * kMiB, .folder = folder.path()});
  const std::vector<std::uint64_t> wanted = repeated(reference, all);
  for (const std::uint64_t expected :
       {std::uint64_t{0}, std::uint64_t{60'000}, std::uint64_t{1} << 40})
    for (const std::uint64_t budget : {kMiB, 64 * kMiB}) {
      UniqueKeys keys({.bytes = budget, .folder = folder.path()});
      keys.make_room(expected);
      EXPECT_LE(keys.bytes(), budget);
      EXPECT_EQ(repeated(keys, all), wanted) << expected << " expected, budget " << budget;
    }
}

TEST(UniqueKeysTest, FindsTheSameWithinAndBeyondTheBudget) {
  const TemporaryFolder folder;
  const std::vector<std::string> all = many_keys(300'000, 3);
  UniqueKeys large({.bytes = 64 * kMiB, .folder = folder.path()});
  UniqueKeys small({.bytes = kMiB, .folder = folder.path()});
  const std::vector<std::uint64_t> expected = repeated(large, all);
  EXPECT_GT(expected.size(), 2000U);
  EXPECT_EQ(repeated(small, all), expected);
  EXPECT_LE(small.bytes(), kMiB);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(UniqueKeysTest, KeepsTheFirstOfThemWhenThereAreTooMany) {
  const TemporaryFolder folder;
  std::vector<std::string> all = many_keys(100'000, 4);
  all.insert(all.end(), all.begin(), all.end());
  UniqueKeys keys({.bytes = kMiB, .folder = folder.path()});
  const std::vector<std::uint64_t> found = repeated(keys, all, 50);
  UniqueKeys large({.bytes = 64 * kMiB, .folder = folder.path()});
  const std::vector<std::uint64_t> every = repeated(large, all);
  // Those told at once are of the beginning, so all of these are the first.
  ASSERT_GE(found.size(), 50U);
  EXPECT_TRUE(std::equal(found.begin(), found.end(), every.begin()));
}

TEST(UniqueKeysTest, TakesNothingForTheSameThatOnlyLooksLikeIt) {
  UniqueKeys keys({.bytes = 64 * kMiB, .folder = {}});
  const std::vector<std::string> all{"", "A", "a", "AA", "A ", std::string("A\0", 2), "", "A"};
  EXPECT_EQ(repeated(keys, all), (std::vector<std::uint64_t>{7, 8}));
}

TEST(UniqueKeysTest, SaysWhereItCouldNotPutThemAway) {
  UniqueKeys keys({.bytes = kMiB, .folder = "/nonexistent/folder"});
  Status failed;
  for (std::uint64_t i = 1; i < 200'000 && failed; ++i)
    if (const auto answer = keys.add(std::to_string(i), {.line = 0, .byte = 0, .ordinal = i});
        !answer)
      failed = tl::unexpected(answer.error());
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().message().find("/nonexistent/folder"), std::string::npos);
}

TEST(CheckFileTest, FindsTheSameDuplicatesWhateverTheBudget) {
  const TemporaryFolder folder;
  // Nothing else is right about these lines; only that they come again is looked at.
  std::string text;
  const auto layouts = codecs::LayoutSet::shipped();
  ASSERT_TRUE(layouts);
  const auto layout = layouts->preferred("inventory");
  for (const std::string& key : many_keys(60'000, 5))
    text += R"({"installation":")" + key + "\"}\n";
  put_text(folder / "inventory.jsonl", text);
  std::vector<std::string> found[2];
  for (const std::size_t i : {0, 1}) {
    SingleFileContext context;
    context.layouts = &*layouts;
    context.memory = {.bytes = i == 0 ? 64 * kMiB : kMiB, .folder = folder.path()};
    context.runner.chunk_bytes = 64 * 1024;
    const auto rules = RuleSet::with({{"value.missing", Severity::off}});
    ASSERT_TRUE(rules);
    context.rules = *rules;
    const auto verdict = check_file(folder / "inventory.jsonl", layout, context);
    ASSERT_TRUE(verdict) << verdict.error().message();
    for (const Finding& f : verdict->findings) {
      std::string line;
      append_json(line, f);
      found[i].push_back(std::move(line));
    }
  }
  EXPECT_GT(found[0].size(), 500U);
  EXPECT_EQ(found[0], found[1]);
}

// A small MCF layout, and a file of it in which one device in a hundred is another's.
constexpr std::string_view kSchema = R"(<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:test" targetNamespace="urn:test"
 elementFormDefault="qualified">
<xs:element name="File"><xs:complexType><xs:sequence>
 <xs:element name="Sender" type="xs:string"/><xs:element name="Count" type="xs:string"/>
 <xs:element name="Installation" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
  <xs:element name="Device" type="xs:string" maxOccurs="2"/>
 </xs:sequence><xs:attribute name="ID" type="xs:string" use="required"/></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element>
</xs:schema>
)";
constexpr std::string_view kLayout = R"(type = "mcf"
version = "small"
container = "xml"
[xml]
schema = "../../xsd/small.xsd"
root = "File"
record = "Installation"
[header]
sender = "Sender"
record-count = "Count"
[record]
installation-id = "@ID"
[[record.device]]
path = "Device"
set = { type = "esme" }
id = "."
)";

std::string many_devices(std::size_t installations) {
  Random random(8);
  std::string text = fmt::format(
      "<File xmlns=\"urn:test\"><Sender>90-B3-D5-1F-30-01-00-01</Sender>"
      "<Count>{}</Count>",
      installations);
  std::uint64_t devices = 0;
  for (std::size_t i = 0; i < installations; ++i) {
    text += fmt::format("<Installation ID=\"INS-{}\">", i);
    for (int d = 0; d < 2; ++d) {
      const std::uint64_t id = random.chance(0.01) ? 1 + random.below(devices + 1) : ++devices;
      text += "<Device>" + Eui64(0x00DB120000000000U + id).text() + "</Device>";
    }
    text += "</Installation>\n";
  }
  return text + "</File>\n";
}

TEST(CheckFileTest, FindsTheSameDevicesAgainWhateverTheBudget) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "schemas/layouts/mcf");
  std::filesystem::create_directories(folder / "schemas/xsd");
  std::filesystem::create_directories(folder / "put-away");
  put_text(folder / "schemas/xsd/small.xsd", std::string(kSchema));
  put_text(folder / "schemas/layouts/mcf/small.toml", std::string(kLayout));
  put_text(folder / "MC.xml", many_devices(30'000));
  const auto layouts = codecs::LayoutSet::with_folder(folder / "schemas");
  ASSERT_TRUE(layouts) << layouts.error().message();
  const auto layout = layouts->find("mcf/small");
  ASSERT_NE(layout, nullptr);
  std::vector<std::string> found[3];
  for (const std::size_t i : {0, 1, 2}) {
    SingleFileContext context;
    context.layouts = &*layouts;
    context.memory = {.bytes = i == 0   ? 64 * kMiB
                               : i == 1 ? kMiB
                                        : kMiB / 16,
                      .folder = folder / "put-away"};
    context.limits.findings_per_file = 5000;
    const auto verdict = check_file(folder / "MC.xml", layout, context);
    ASSERT_TRUE(verdict) << verdict.error().message();
    EXPECT_TRUE(verdict->accepted);
    for (const Finding& f : verdict->findings) {
      std::string line;
      append_json(line, f);
      found[i].push_back(std::move(line));
    }
  }
  EXPECT_GT(found[0].size(), 400U);
  EXPECT_EQ(found[0], found[1]);
  EXPECT_EQ(found[0], found[2]);
  EXPECT_TRUE(std::filesystem::is_empty(folder / "put-away"));
}

}  // namespace
}  // namespace s1flow::pipeline
