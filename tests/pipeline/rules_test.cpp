// Every rule: a week without faults keeps quiet, and a week with its fault gives its findings, all
// of them and no others, with the outcomes that follow.

#include <gtest/gtest.h>

#include "pipeline/generate/fault_list.h"
#include "pipeline/rules/list.h"
#include "pipeline/rules/rule_set.h"
#include "tests/pipeline/support.h"

namespace s1flow::pipeline {
namespace {

std::string rule_name(const testing::TestParamInfo<const Rule*>& row) {
  std::string name(row.param->id);
  for (char& c : name)
    if (c == '.' || c == '-') c = '_';
  return name;
}
std::vector<const Rule*> rules() {
  const auto all = all_rules();
  return {all.begin(), all.end()};
}

class RuleTest : public testing::TestWithParam<const Rule*> {};

TEST_P(RuleTest, FindsItsFaultEachTimeAndNothingElse) {
  const std::string id(GetParam()->id);
  const TemporaryFolder folder;
  const GenerateResult made =
      make_week(folder / "b", {.installations = 40, .faults = id + "," + id});
  EXPECT_GE(made.findings, 2U);
  const DryRunResult result = play(folder / "b", folder / "o");
  expect_as_promised(folder / "b", folder / "o", result);
  EXPECT_GE(count_in(findings_of(folder / "o"), "\"rule\":\"" + id + "\""), 2U);
}
INSTANTIATE_TEST_SUITE_P(All, RuleTest, testing::ValuesIn(rules()), rule_name);

TEST(RulesTest, KeepQuietOverWeeksWithoutFaults) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const TemporaryFolder folder;
    const GenerateResult made = make_week(folder / "b", {.installations = 120, .seed = seed});
    EXPECT_EQ(made.faulty, 0U);
    const DryRunResult result = play(folder / "b", folder / "o");
    expect_as_promised(folder / "b", folder / "o", result);
    EXPECT_EQ(findings_of(folder / "o"), Lines{});
  }
}

TEST(RulesTest, HaveIdsOfTheirOwnAndSayWhatTheyMean) {
  std::set<std::string_view> ids;
  for (const Rule* rule : all_rules()) {
    EXPECT_TRUE(ids.insert(rule->id).second) << rule->id;
    EXPECT_FALSE(rule->title.empty() || rule->meaning.empty() || rule->cause.empty() ||
                 rule->remedy.empty())
        << rule->id;
    EXPECT_EQ(find_rule(rule->id), rule);
  }
  EXPECT_EQ(find_rule("no.such-rule"), nullptr);
}

TEST(RulesTest, AreAllAmongTheFaultsThatCanBeAskedFor) {
  const std::vector<std::string> known = known_faults();
  for (const Rule* rule : all_rules())
    EXPECT_TRUE(std::binary_search(known.begin(), known.end(), rule->id)) << rule->id;
  EXPECT_EQ(known.size(), all_rules().size());
}

TEST(RuleSetTest, TakesSeveritiesAndNamesTheNearestForAnUnknownRule) {
  const auto set = RuleSet::with(
      {{"maf.week-not-monday", Severity::warning}, {"maf.week-not-monday", Severity::off}});
  ASSERT_TRUE(set);
  EXPECT_EQ(set->severity(rules::maf_week_not_monday.rule), Severity::off);
  EXPECT_FALSE(set->enabled(rules::maf_week_not_monday.rule));
  EXPECT_EQ(&set->rule(set->index(rules::file_counter.rule)), &rules::file_counter.rule);
  const auto wrong = RuleSet::with({{"maf.week-not-munday", Severity::off}});
  ASSERT_FALSE(wrong);
  EXPECT_NE(std::string(wrong.error().message()).find("maf.week-not-monday"), std::string::npos);
}

// What severities do: a fault that only warns costs nothing, one that is off is not told.
TEST(RulesTest, ChangeNothingWhenTheyOnlyWarnOrAreOff) {
  const TemporaryFolder folder;
  make_week(folder / "b", {.faults = "maf.epcl-no-match"});
  const auto with = [&](Severity severity, std::string_view out) {
    const DryRunResult result = play(folder / "b", folder / out, [&](DryRunOptions& o) {
      o.severities = {{"maf.epcl-no-match", severity}, {"mcf.epcl-no-match", severity}};
    });
    EXPECT_TRUE(result.conserved);
    EXPECT_EQ(count_in(lines_of(folder / out / "outcomes.jsonl"), "not-authorised"), 0U);
    return findings_of(folder / out);
  };
  EXPECT_GE(count_in(with(Severity::warning, "o1"), "\"severity\":\"warning\""), 1U);
  EXPECT_EQ(with(Severity::off, "o2"), Lines{});
}

}  // namespace
}  // namespace s1flow::pipeline
