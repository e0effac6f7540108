#include "loadgen/merge.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "tests/case_name.h"
#include "tests/loadgen/made_run.h"
#include "tests/temporary_folder.h"

namespace s1flow::loadgen {
namespace {

constexpr std::uint64_t kSeconds = 12;

struct Merged {
  RunReport report;
  std::string log;
};

Merged merged(std::span<const StoredRun> runs) {
  Merged out;
  const Status fit = check_belong_together(runs);
  EXPECT_TRUE(fit) << (fit ? "" : fit.error().message());
  auto report = merge_reports(runs);
  EXPECT_TRUE(report) << (report ? "" : report.error().message());
  out.report = *std::move(report);
  const Status done = merge_logs(runs, out.report, [&](std::string_view lines) -> Status {
    out.log += lines;
    return {};
  });
  EXPECT_TRUE(done) << (done ? "" : done.error().message());
  return out;
}

std::vector<StoredRun> split(const TemporaryFolder& folder, const std::vector<MadeRequest>& all,
                             std::size_t parts, std::uint64_t seed) {
  std::vector<std::vector<MadeRequest>> of(parts);
  Random random(seed);
  for (const MadeRequest& r : all) of[random.below(parts)].push_back(r);
  std::vector<StoredRun> runs;
  for (std::size_t i = 0; i < parts; ++i)
    runs.push_back(made_run(folder / ("part" + std::to_string(i)), of[i], kSeconds));
  return runs;
}

// From the second line of the head on, which says who wrote it.
std::string lines(const std::string& log) {
  return log.substr(log.find('\n'));
}

std::string json(RunReport r) {
  std::string out;
  append_json(out, r);
  return out;
}

// Byte for byte but for what tells that there were several: generators, connections, warnings.
TEST(MergeTest, OfAnySplitEqualsTheRunOfOneRecorder) {
  for (const std::size_t parts : {1, 2, 3, 7}) {
    SCOPED_TRACE(testing::Message() << parts << " parts");
    const TemporaryFolder folder;
    const auto requests = made_requests(parts, kSeconds, 60);
    const StoredRun whole = made_run(folder / "whole", requests, kSeconds);
    Merged sum = merged(split(folder, requests, parts, 100 + parts));
    EXPECT_EQ(lines(sum.log), lines(*read_text(whole.log)));
    RunReport one = whole.report;
    one.load->thresholds = *judge_again(*one.load, one.load->thresholds);
    report::Load& load = *sum.report.load;
    EXPECT_EQ(load.generators, parts);
    EXPECT_EQ(load.connections, 4 * parts);
    load.generators = 1;
    load.connections = 4;
    load.connections_seen = one.load->connections_seen;
    sum.report.verdict = one.verdict;
    load.judgement = one.load->judgement;
    EXPECT_EQ(json(sum.report), json(one));
  }
}

TEST(MergeTest, OfMergedRunsIsTheMergeOfAll) {
  const TemporaryFolder folder;
  const auto runs = split(folder, made_requests(5, kSeconds, 40), 4, 3);
  const std::span<const StoredRun> all(runs);
  const auto store = [&](std::string_view name, const Merged& m) {
    const Path log = folder / name;
    EXPECT_TRUE(write_whole(log, m.log));
    return StoredRun{std::string(name), m.report, log};
  };
  const std::vector<StoredRun> halves = {store("left", merged(all.first(2))),
                                         store("right", merged(all.subspan(2)))};
  const Merged twice = merged(halves);
  const Merged once = merged(all);
  EXPECT_EQ(twice.log, once.log);
  EXPECT_EQ(json(twice.report), json(once.report));
}

struct VerdictCase {
  const char* name;
  void (*change)(StoredRun&);
  report::Judgement judgement;
  std::uint64_t exit_code;
  const char* reason;
};
class MergeVerdictTest : public testing::TestWithParam<VerdictCase> {};

TEST_P(MergeVerdictTest, IsThatOfTheSum) {
  const TemporaryFolder folder;
  auto runs = split(folder, made_requests(9, kSeconds, 60), 2, 1);
  for (StoredRun& run : runs)
    if (&run == &runs.back() || GetParam().judgement == report::Judgement::missed)
      GetParam().change(run);
  const Merged m = merged(runs);
  EXPECT_EQ(m.report.load->judgement, GetParam().judgement);
  EXPECT_EQ(m.report.verdict.exit_code, GetParam().exit_code);
  EXPECT_NE(m.report.verdict.reason.find(GetParam().reason), std::string::npos)
      << m.report.verdict.reason;
}

constexpr VerdictCase kVerdicts[] = {
    {"pass", [](StoredRun&) {}, report::Judgement::pass, 0, "all thresholds held"},
    {"missed",
     [](StoredRun& r) {
       r.report.load->thresholds[0] = {"phase measure class write answer p99 < 5 ms", "ms", 5,
                                       std::nullopt, true};
     },
     report::Judgement::missed, 1, "class write answer p99 < 5 ms: was"},
    {"invalid",
     [](StoredRun& r) {
       r.report.load->judgement = report::Judgement::invalid;
       r.report.verdict = {report::State::completed, 5, "the generator stood still for 200 ms"};
     },
     report::Judgement::invalid, 5, "part1: the generator stood still"},
    {"unreachable",
     [](StoredRun& r) {
       r.report.load->judgement = report::Judgement::unreachable;
       r.report.verdict = {report::State::failed, 3, "refused"};
     },
     report::Judgement::unreachable, 3, "part1: refused"},
};
INSTANTIATE_TEST_SUITE_P(Verdicts, MergeVerdictTest, testing::ValuesIn(kVerdicts),
                         case_name<VerdictCase>);

struct RefusalCase {
  const char* name;
  void (*change)(StoredRun&);
  const char* reason;
};
class MergeRefusalTest : public testing::TestWithParam<RefusalCase> {};

TEST_P(MergeRefusalTest, NamesWhatDoesNotFit) {
  const TemporaryFolder folder;
  auto runs = split(folder, made_requests(9, kSeconds, 20), 2, 1);
  GetParam().change(runs[1]);
  const Status fit = check_belong_together(runs);
  ASSERT_FALSE(fit);
  EXPECT_EQ(fit.error().kind(), ErrorKind::usage);
  EXPECT_NE(fit.error().message().find(GetParam().reason), std::string::npos)
      << fit.error().message();
}

constexpr RefusalCase kRefusals[] = {
    {"other_scenario", [](StoredRun& r) { r.report.load->scenario = "soak"; },
     "its scenario is soak, and not made up"},
    {"other_length", [](StoredRun& r) { r.report.load->phases[1].planned *= 2; },
     "its phase measure is another"},
    {"fewer_phases", [](StoredRun& r) { r.report.load->phases.pop_back(); },
     "it has 1 phases, and not 2"},
    {"other_class", [](StoredRun& r) { r.report.load->classes[0].role = "GS"; },
     "it has class read of GS where read of IS belongs"},
    {"other_threshold", [](StoredRun& r) { r.report.load->thresholds[1].limit = 0.5; },
     "other thresholds"},
    {"other_signing", [](StoredRun& r) { r.report.load->signing = "inline"; }, "signed 'inline'"},
    {"dry_run", [](StoredRun& r) { r.report.kind = report::Kind::dry_run; }, "of a dry run"},
};
INSTANTIATE_TEST_SUITE_P(Runs, MergeRefusalTest, testing::ValuesIn(kRefusals),
                         case_name<RefusalCase>);

TEST(MergeTest, RefusesTheSameRunTwice) {
  const TemporaryFolder folder;
  auto runs = split(folder, made_requests(9, kSeconds, 20), 2, 1);
  runs.push_back(runs[0]);
  const Status fit = check_belong_together(runs);
  ASSERT_FALSE(fit);
  EXPECT_NE(fit.error().message().find("the same run"), std::string::npos);
}

TEST(MergeTest, RefusesALogThatIsNotOfItsReport) {
  const TemporaryFolder folder;
  auto runs = split(folder, made_requests(9, kSeconds, 20), 2, 1);
  std::string log = *read_text(runs[1].log);
  log.resize(log.rfind('\n', log.size() / 2) + 1);
  ASSERT_TRUE(write_whole(runs[1].log, log, Overwrite::yes));
  auto report = merge_reports(runs);
  ASSERT_TRUE(report);
  const Status done = merge_logs(runs, *report, [](std::string_view) -> Status { return {}; });
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message().find("not of one run"), std::string::npos)
      << done.error().message();
}

TEST(MergeTest, WarnsOfConditionsThatDiffer) {
  const TemporaryFolder folder;
  auto runs = split(folder, made_requests(9, kSeconds, 20), 2, 1);
  runs[1].report.machine.cpu = "another processor";
  runs[1].report.load->start_seconds += 30;
  runs[1].report.warnings = {"few samples"};
  const auto report = merge_reports(runs);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->warnings.size(), 3U);
  EXPECT_EQ(report->warnings[0], "the merged runs had different machines");
  EXPECT_NE(report->warnings[1].find("up to 30 s apart"), std::string::npos);
  EXPECT_EQ(report->warnings[2], "part1: few samples");
}

}  // namespace
}  // namespace s1flow::loadgen
