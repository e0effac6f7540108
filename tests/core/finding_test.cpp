#include "core/finding.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace s1flow {
namespace {

constexpr Rule kWeek{.id = "maf.week-not-monday",
                     .clause = "MTAD 17.20(b)",
                     .title = "Migration Week does not start on a Monday",
                     .public_code = "MA001"};
constexpr Rule kOwn{.id = "maf.duplicate", .title = "The row is there twice"};

std::string json(const Finding& finding) {
  std::string out;
  append_json(out, finding);
  return out;
}

TEST(SeverityTest, ReadsBackItsOwnNames) {
  for (const Severity s : {Severity::off, Severity::info, Severity::warning, Severity::error})
    EXPECT_EQ(parse_severity(name_of(s)), s);
  for (const char* name : {"", "Error", "warn", "fatal", "error "})
    EXPECT_FALSE(parse_severity(name)) << name;
}

TEST(FindingTest, WritesEverythingThatIsKnown) {
  const Finding finding{.rule = &kWeek,
                        .severity = Severity::error,
                        .file = "MA_CGI.csv",
                        .record = "1200023305967",
                        .field = "migration_week",
                        .seen = "20190409",
                        .note = "a \"Monday\"",
                        .place = {.line = 3, .byte = 120, .ordinal = 2}};
  const std::string expected =
      R"({"rule":"maf.week-not-monday","severity":"error","file":"MA_CGI.csv",)"
      R"("record":"1200023305967","field":"migration_week","seen":"20190409",)"
      R"j("detail":{"clause":"MTAD 17.20(b)","code":"MA001",)j"
      R"j("note":"a \"Monday\"","position":2,"line":3,"byte":120}})j";
  EXPECT_EQ(json(finding), expected);
}

TEST(FindingTest, LeavesOutWhatIsNotKnown) {
  const Finding finding{.rule = &kOwn, .severity = Severity::warning, .file = "a.csv"};
  EXPECT_EQ(json(finding), R"({"rule":"maf.duplicate","severity":"warning","file":"a.csv"})");
}

TEST(FindingTest, NamesTheRecordInItsPlaceEvenWithoutALine) {
  const Finding finding{.rule = &kOwn, .file = "a.csv", .place = {.ordinal = 7}};
  EXPECT_EQ(
      json(finding),
      R"({"rule":"maf.duplicate","severity":"error","file":"a.csv","detail":{"position":7}})");
  const Finding whole_file{.rule = &kOwn, .file = "a.csv", .place = {.line = 1}};
  EXPECT_EQ(
      json(whole_file),
      R"({"rule":"maf.duplicate","severity":"error","file":"a.csv","detail":{"line":1,"byte":0}})");
}

TEST(FindingTest, TellsWhatItSawInAWholeFileAsDetail) {
  constexpr Rule kCut{.id = "xml.not-well-formed", .scope = RuleScope::file};
  const Finding finding{.rule = &kCut, .file = "a.xml", .record = "I-1", .field = "f", .seen = "x"};
  EXPECT_EQ(json(finding), R"({"rule":"xml.not-well-formed","severity":"error","file":"a.xml",)"
                           R"("detail":{"record":"I-1","field":"f","seen":"x"}})");
}

TEST(FindingTest, NeverLosesItsFormToWhatWasSeen) {
  const Finding finding{.rule = &kOwn, .file = "a\"b", .seen = "\x01\xFF\n"};
  EXPECT_EQ(json(finding), R"({"rule":"maf.duplicate","severity":"error","file":"a\"b",)"
                           "\"seen\":\"\\u0001\xEF\xBF\xBD\\n\"}");
}

TEST(FindingOrderTest, GoesByRecordThenFieldThenRuleThenWhatWasSeen) {
  // In order; each differs from the one before in the next key of the order.
  const std::vector<Finding> ordered{
      {.rule = &kOwn, .field = "z", .seen = "z", .place = {.ordinal = 1}},
      {.rule = &kOwn, .record = "r1", .field = "a", .seen = "b", .place = {.ordinal = 2}},
      {.rule = &kOwn, .record = "r1", .field = "b", .seen = "a", .place = {.ordinal = 2}},
      {.rule = &kWeek, .record = "r1", .field = "b", .seen = "a", .place = {.ordinal = 2}},
      {.rule = &kWeek, .record = "r2", .field = "b", .seen = "a", .place = {.ordinal = 2}},
      {.rule = &kWeek, .record = "r2", .field = "b", .seen = "b", .place = {.ordinal = 2}},
      {.rule = &kWeek,
       .record = "r2",
       .field = "b",
       .seen = "b",
       .note = "n",
       .place = {.ordinal = 2}},
      {.rule = &kWeek,
       .record = "r2",
       .field = "b",
       .seen = "b",
       .note = "n",
       .place = {.line = 1, .byte = 9, .ordinal = 2}},
      {.rule = &kWeek,
       .record = "r2",
       .field = "b",
       .seen = "b",
       .note = "n",
       .place = {.line = 1, .byte = 10, .ordinal = 2}},
  };
  for (std::size_t i = 0; i < ordered.size(); ++i)
    for (std::size_t j = 0; j < ordered.size(); ++j)
      EXPECT_EQ(reports_before(ordered[i], ordered[j]), i < j) << i << " " << j;
}

TEST(FindingOrderTest, DoesNotDependOnTheOrderOfArrival) {
  std::vector<Finding> findings;
  for (std::uint64_t ordinal = 1; ordinal <= 5; ++ordinal)
    for (const char* note : {"", "a", "b"})
      for (std::uint64_t byte = 0; byte < 3; ++byte)
        findings.push_back(
            {.rule = &kOwn, .note = note, .place = {.line = 1, .byte = byte, .ordinal = ordinal}});
  auto sorted = [](std::vector<Finding> all) {
    std::sort(all.begin(), all.end(), reports_before);
    std::string out;
    for (const Finding& f : all) append_json(out, f);
    return out;
  };
  const std::string expected = sorted(findings);
  std::mt19937 order(7);
  for (int n = 0; n < 20; ++n) {
    std::shuffle(findings.begin(), findings.end(), order);
    EXPECT_EQ(sorted(findings), expected);
  }
}

}  // namespace
}  // namespace s1flow
