#include "loadgen/compare_runs.h"

#include <gtest/gtest.h>

#include "tests/case_name.h"
#include "tests/loadgen/made_run.h"
#include "tests/temporary_folder.h"

namespace s1flow::loadgen {
namespace {

constexpr std::uint64_t kSeconds = 30;
constexpr std::uint64_t kRate = 400;

class CompareRunsTest : public testing::Test {
 protected:
  StoredRun run(const char* name, std::uint64_t seed, double slower = 1,
                std::uint64_t seconds = kSeconds, std::uint64_t rate = kRate) {
    return made_run(folder_ / name, made_requests(seed, seconds, rate, slower), seconds);
  }
  static RunComparison compare(const StoredRun& a, const StoredRun& b) {
    auto out = compare_runs(a, b, {});
    EXPECT_TRUE(out) << (out ? "" : out.error().message());
    return *std::move(out);
  }
  TemporaryFolder folder_;
};

bool warns_of(const RunComparison& c, std::string_view what) {
  for (const std::string& w : c.warnings)
    if (w.find(what) != std::string::npos) return true;
  return false;
}

TEST_F(CompareRunsTest, LooksAtEveryClassAndLegOfWhatMeasures) {
  const RunComparison c = compare(run("a", 1), run("b", 2));
  std::vector<std::string> seen;
  for (const ComparedSeries& s : c.series)
    seen.push_back(s.phase + "/" + s.klass + "/" +
                   std::string(report::kLegNames[static_cast<std::size_t>(s.leg)]));
  EXPECT_EQ(seen, (std::vector<std::string>{"measure/read IS/first", "measure/write/first",
                                            "measure/write/answer", "measure/all/first",
                                            "measure/all/answer"}));
  EXPECT_EQ(c.answer, CompareAnswer::not_slower) << c.reason;
  ASSERT_EQ(c.classes.size(), 3U);
  EXPECT_EQ(c.classes[2].ended_a, kSeconds * kRate);
  EXPECT_NEAR(c.classes[2].ok_per_second_a, kRate * 0.99, kRate * 0.01);
  EXPECT_NEAR(c.classes[2].failed.a, 0.01, 0.005);
  EXPECT_TRUE(c.warnings.empty()) << c.warnings.front();
}

TEST_F(CompareRunsTest, GivesThePercentilesOfTheReports) {
  const StoredRun a = run("a", 1);
  const RunComparison c = compare(a, run("b", 2));
  const report::LoadRecord* record = nullptr;
  for (const report::LoadRecord& r : a.report.load->records)
    if (r.phase == 1 && r.klass == 1) record = &r;
  ASSERT_NE(record, nullptr);
  for (const Shift& s : c.series[2].shifts) {
    const auto exact = static_cast<double>(record->last()->response.percentile(s.percent).count());
    EXPECT_NEAR(static_cast<double>(s.a.count()) / exact, 1, 0.001) << s.percent;
  }
}

TEST_F(CompareRunsTest, FindsARunThatIsATenthSlowerAndSaysWhere) {
  const RunComparison c = compare(run("a", 1), run("b", 2, 1.1));
  EXPECT_EQ(c.answer, CompareAnswer::slower) << c.reason;
  EXPECT_NE(c.reason.find("B is slower: p"), std::string::npos) << c.reason;
  EXPECT_EQ(compare(run("c", 1, 1.1), run("d", 2)).answer, CompareAnswer::not_slower);
}

TEST_F(CompareRunsTest, HasNotEnoughDataInAFewSeconds) {
  const RunComparison c = compare(run("a", 1, 1, 8), run("b", 2, 3, 8));
  EXPECT_EQ(c.answer, CompareAnswer::not_enough_data) << c.reason;
}

TEST_F(CompareRunsTest, DoesNotBelieveAnInvalidRun) {
  StoredRun b = run("b", 2, 2);
  b.report.load->judgement = report::Judgement::invalid;
  b.report.verdict.reason = "the generator stood still for 200 ms";
  const RunComparison c = compare(run("a", 1), b);
  EXPECT_EQ(c.answer, CompareAnswer::invalid);
  EXPECT_EQ(c.reason, "B was INVALID: the generator stood still for 200 ms");
}

TEST_F(CompareRunsTest, WarnsOfConditionsThatDiffer) {
  StoredRun b = run("b", 2, 1, kSeconds, 2 * kRate);
  b.report.machine.cpu = "another processor";
  b.report.run.seed = 8;
  b.report.load->classes[0].role = "GS";
  std::string log = *read_text(b.log);
  for (std::size_t at = 0; (at = log.find(";IS;", at)) != std::string::npos;)
    log.replace(at, 4, ";GS;");
  ASSERT_TRUE(write_whole(b.log, log, Overwrite::yes));
  const RunComparison c = compare(run("a", 1), b);
  for (const char* what :
       {"the processor differs: a processor in A, another processor in B",
        "the seed differs: 7 in A, 8 in B", "the planned rate differs: 400/s in A, 800/s in B",
        "only A has a class read IS", "only B has a class read GS"})
    EXPECT_TRUE(warns_of(c, what)) << what;
}

struct RefusalCase {
  const char* name;
  void (*change)(StoredRun&);
  const char* reason;
};
class CompareRefusalTest : public CompareRunsTest,
                           public testing::WithParamInterface<RefusalCase> {};

TEST_P(CompareRefusalTest, SaysWhyItCannotCompare) {
  StoredRun b = run("b", 2, 1, 12, 20);
  GetParam().change(b);
  const auto c = compare_runs(run("a", 1, 1, 12, 20), b, {});
  ASSERT_FALSE(c);
  EXPECT_EQ(c.error().kind(), ErrorKind::usage);
  EXPECT_NE(c.error().message().find(GetParam().reason), std::string::npos) << c.error().message();
}

constexpr RefusalCase kRefusals[] = {
    {"no_common_phase", [](StoredRun& r) { r.report.load->phases[1].name = "other"; },
     "no phase that measures in common"},
    {"no_log", [](StoredRun& r) { r.log += ".gone"; }, "which needs the histograms.hlog"},
    {"dry_run", [](StoredRun& r) { r.report.kind = report::Kind::dry_run; }, "of a dry run"},
};
INSTANTIATE_TEST_SUITE_P(Runs, CompareRefusalTest, testing::ValuesIn(kRefusals),
                         case_name<RefusalCase>);

TEST_F(CompareRunsTest, WritesOneJsonObject) {
  const RunComparison c = compare(run("a", 1), run("b", 2, 1.3));
  std::string json;
  append_comparison_json(json, c, {}, 1);
  EXPECT_EQ(json.find("{\"schema\":\"s1flow-compare\",\"version\":1,"), 0U);
  EXPECT_NE(json.find("\"answer\":\"slower\""), std::string::npos);
  EXPECT_NE(json.find("\"percentile\":99.9"), std::string::npos);
  EXPECT_EQ(json.find('\n'), json.size() - 1);
}

}  // namespace
}  // namespace s1flow::loadgen
