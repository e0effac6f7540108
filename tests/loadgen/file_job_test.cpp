#include "loadgen/file_job.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "loadgen/profiles/registry.h"
#include "loadgen/verdict.h"
#include "tests/temporary_folder.h"

namespace s1flow::loadgen {
namespace {

constexpr std::size_t kRows = 1000;

class FileJobTest : public testing::Test {
 protected:
  FileJobTest() {
    std::string text = "id\n";
    for (std::size_t i = 0; i < kRows; ++i) text += std::to_string(10'000 + i) + "\n";
    const auto written = write_whole(whole_, text);
    EXPECT_TRUE(written);
    job_.kinds = {{.name = "full", .count = 2}, {.name = "daily", .count = 5, .share = 0.1}};
    plan_.add("files", PhaseKind::measure, std::chrono::hours(1), closed_schedule(0));
  }
  Result<RunResult> run(const FileChecker& check, const std::atomic<bool>* stop = nullptr) {
    return run_files(job_, plan_, 7, whole_, part_, check, stop);
  }

  TemporaryFolder folder_;
  Path whole_ = folder_ / "registration.csv";
  Path part_ = folder_ / "part.csv";
  FileJob job_;
  Plan plan_;
};

TEST_F(FileJobTest, ReadsTheWholeFileAndPartsOfItThatFollowFromTheSeed) {
  std::vector<std::string> seen;
  const FileChecker check = [&](const Path& path) -> Result<CheckedFile> {
    seen.push_back(*read_text(path));
    const auto rows =
        static_cast<std::uint64_t>(std::count(seen.back().begin(), seen.back().end(), '\n') - 1);
    return CheckedFile{true, rows, seen.back().size()};
  };
  const auto result = run(check);
  ASSERT_TRUE(result) << result.error().message();
  ASSERT_EQ(seen.size(), 7U);
  EXPECT_EQ(seen[0], seen[1]);
  std::set<std::string> parts(seen.begin() + 2, seen.end());
  EXPECT_EQ(parts.size(), 5U) << "each day has rows of its own";
  std::uint64_t rows = 2 * kRows;
  for (const std::string& part : parts) {
    EXPECT_TRUE(part.starts_with("id\n1"));
    EXPECT_NEAR(static_cast<double>(part.size()) / 6, 100, 40);
    rows += part.size() / 6;
  }
  EXPECT_EQ(result->rows, rows);
  EXPECT_EQ(result->phases[0].scheduled, 7U);
  EXPECT_EQ(result->recorder.total(0).count(Outcome::ok), 7U);
  EXPECT_EQ(result->recorder.find(0, 1)->first.response.count(), 5U);
  const std::vector<std::string> before = seen;
  seen.clear();
  ASSERT_TRUE(run(check));
  EXPECT_EQ(seen, before);
}

TEST_F(FileJobTest, CountsRefusedFilesAsErrors) {
  const auto result = run([](const Path&) -> Result<CheckedFile> { return CheckedFile{}; });
  ASSERT_TRUE(result);
  EXPECT_EQ(result->recorder.total(0).count(Outcome::rejected), 7U);
  const Verdict v =
      judge(plan_, classes_of(job_), *result, {*parse_threshold("errors<1%")}, ValidityLimits{});
  EXPECT_EQ(v.kind, VerdictKind::missed);
}

TEST_F(FileJobTest, EndsAfterTheFileThatIsBeingReadWhenItIsStopped) {
  std::atomic<bool> stop{false};
  const auto result = run(
      [&](const Path&) -> Result<CheckedFile> {
        stop = true;
        return CheckedFile{true, 1, 1};
      },
      &stop);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->end, RunEnd::stopped);
  EXPECT_EQ(result->phases[0].scheduled, 1U);
}

TEST_F(FileJobTest, GoesRoundAgainUntilItsTimeIsOver) {
  job_.last = std::chrono::milliseconds(50);
  std::uint64_t files = 0;
  const auto result = run([&](const Path&) -> Result<CheckedFile> {
    return CheckedFile{true, ++files, 1};
  });
  ASSERT_TRUE(result);
  EXPECT_GE(result->duration, job_.last);
  EXPECT_EQ(files % 7, 0U) << "whole rounds";
}

TEST_F(FileJobTest, AFileThatCannotBeReadEndsIt) {
  const auto result = run([](const Path& path) -> Result<CheckedFile> {
    return tl::unexpected(io_error("open", path.string()));
  });
  EXPECT_FALSE(result);
}

}  // namespace
}  // namespace s1flow::loadgen
