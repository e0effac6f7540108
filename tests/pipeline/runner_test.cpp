// The runner: order, bounded memory, and clean stops wherever a stage fails.

#include "pipeline/runner.h"

#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>

#include <gtest/gtest.h>

#include "tests/case_name.h"

namespace s1flow::pipeline {
namespace {

// Gives `count` chunks without bytes, and counts how many are out and not back.
class Numbers final : public Source {
 public:
  explicit Numbers(std::uint64_t count) : count_(count) {}
  Result<bool> next(Work& work) override {
    if (given == fail_at) return tl::unexpected(Error(ErrorKind::io, "the source fails"));
    if (given == count_) return false;
    work.chunk.ordinal = given++;
    work.chunk.records = 2;
    return true;
  }
  std::uint64_t given = 0;
  std::uint64_t fail_at = UINT64_MAX;

 private:
  std::uint64_t count_;
};

class WorkersTest : public testing::TestWithParam<unsigned> {};

TEST_P(WorkersTest, SeeChunksInOrderWhereTheyAskForIt) {
  Numbers source(500);
  std::atomic<std::uint64_t> looked{0};
  std::vector<std::uint64_t> seen;
  FunctionStage look("look", Order::parallel, [&](Work& w) -> Status {
    looked += w.chunk.records;
    w.outputs.assign(1, std::to_string(w.chunk.ordinal));
    return {};
  });
  FunctionStage keep("keep", Order::in_order, [&](Work& w) -> Status {
    EXPECT_EQ(w.outputs[0], std::to_string(w.chunk.ordinal));
    seen.push_back(w.chunk.ordinal);
    return {};
  });
  Stage* const stages[] = {&look, &keep};
  const auto stats = run_pipeline(source, stages, nullptr, {.workers = GetParam()});
  ASSERT_TRUE(stats);
  EXPECT_EQ(looked, 1000U);
  ASSERT_EQ(seen.size(), 500U);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  ASSERT_EQ(stats->size(), 3U);
  for (const StageStats& s : *stats) {
    EXPECT_EQ(s.records, 1000U) << s.name;
    EXPECT_GE(s.busy_seconds, 0.0);
  }
  EXPECT_EQ((*stats)[0].name, "read");
  EXPECT_EQ((*stats)[1].name, "look");
}

TEST_P(WorkersTest, HaveAtMostFourChunksEachInFlight) {
  Numbers source(300);
  std::uint64_t ended = 0;
  std::atomic<std::uint64_t> made{0};
  std::atomic<std::int64_t> in_flight{0}, most{0};
  FunctionStage first("first", Order::in_order, [&](Work&) -> Status {
    const std::int64_t now = ++in_flight;
    if (now > most) most = now;
    return {};
  });
  FunctionStage middle("middle", Order::parallel, [](Work&) { return Status{}; });
  FunctionStage last("last", Order::in_order, [&](Work&) -> Status {
    --in_flight;
    ++ended;
    return {};
  });
  Stage* const stages[] = {&first, &middle, &last};
  struct Counted final : WorkerState {};
  const auto make = [&]() -> std::unique_ptr<WorkerState> {
    ++made;
    return std::make_unique<Counted>();
  };
  ASSERT_TRUE(run_pipeline(source, stages, make, {.workers = GetParam()}));
  EXPECT_EQ(ended, 300U);
  EXPECT_LE(most, std::int64_t{4} * GetParam());
  // A Work is made for a token, not for a chunk. One more may be at hand when the source ends.
  EXPECT_LE(made, 4 * GetParam() + 1);
}
INSTANTIATE_TEST_SUITE_P(Counts, WorkersTest, testing::Values(1U, 2U, 7U),
                         testing::PrintToStringParamName());

struct StopCase {
  const char* name;
  std::size_t stage;  // 0 is the source
  bool throws;
};
class StopTest : public testing::TestWithParam<StopCase> {};

TEST_P(StopTest, EndsTheRunWithTheFirstErrorOnce) {
  Numbers source(100'000);
  if (GetParam().stage == 0) source.fail_at = 50;
  std::atomic<std::uint64_t> after{0};
  const auto function = [&](std::size_t stage) {
    return [&, stage](Work& w) -> Status {
      if (stage == 3) ++after;
      if (GetParam().stage != stage || w.chunk.ordinal != 50) return {};
      if (GetParam().throws) throw std::runtime_error("a library throws");
      return tl::unexpected(Error(ErrorKind::io, "stage fails"));
    };
  };
  FunctionStage one("one", Order::parallel, function(1)), two("two", Order::in_order, function(2)),
      three("three", Order::in_order, function(3));
  Stage* const stages[] = {&one, &two, &three};
  const auto stats = run_pipeline(source, stages, nullptr, {.workers = 3});
  ASSERT_FALSE(stats);
  if (GetParam().throws) {
    EXPECT_EQ(stats.error().kind(), ErrorKind::internal);
    EXPECT_NE(std::string(stats.error().message()).find("a library throws"), std::string::npos);
  } else {
    EXPECT_EQ(stats.error().kind(), ErrorKind::io);
  }
  EXPECT_LT(source.given, 1000U) << "the source went on after the error";
  EXPECT_LE(after, source.given);
}
INSTANTIATE_TEST_SUITE_P(Stages, StopTest,
                         testing::Values(StopCase{"Source", 0, false},
                                         StopCase{"ParallelStage", 1, false},
                                         StopCase{"OrderedStage", 2, false},
                                         StopCase{"LastStage", 3, false},
                                         StopCase{"ThrowInParallelStage", 1, true},
                                         StopCase{"ThrowInOrderedStage", 2, true}),
                         case_name<StopCase>);

TEST(RunnerTest, StopsWhenAsked) {
  Numbers source(1'000'000'000);
  std::atomic<bool> stop{false};
  FunctionStage stage("stage", Order::in_order, [&](Work& w) -> Status {
    if (w.chunk.ordinal == 20) stop = true;
    return {};
  });
  Stage* const stages[] = {&stage};
  const auto stats = run_pipeline(source, stages, nullptr, {.workers = 2, .stop = &stop});
  ASSERT_FALSE(stats);
  EXPECT_EQ(stats.error().kind(), ErrorKind::cancelled);
}

TEST(RunnerTest, RunsWithoutStagesOrChunks) {
  Numbers none(0);
  const auto stats = run_pipeline(none, {}, nullptr, {});
  ASSERT_TRUE(stats);
  EXPECT_EQ(stats->size(), 1U);
}

TEST(RunnerTest, ReusesWorksAsGoodAsNew) {
  Numbers source(200);
  FunctionStage stage("stage", Order::parallel, [](Work& w) -> Status {
    EXPECT_TRUE(w.faults.empty() && w.findings.empty() && w.records().empty());
    for (const std::string& o : w.outputs) EXPECT_EQ(o, "");
    w.faults.emplace_back();
    w.findings.emplace_back();
    w.outputs.assign(2, "x");
    return {};
  });
  Stage* const stages[] = {&stage};
  EXPECT_TRUE(run_pipeline(source, stages, nullptr, {.workers = 2}));
}

}  // namespace
}  // namespace s1flow::pipeline
