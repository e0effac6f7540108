// Whole small weeks: a dry run finds what the generator promised, for any seed, number of workers
// and chunk size; given files, scripts and models change what they say they change.

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/case_name.h"
#include "tests/pipeline/support.h"

namespace s1flow::pipeline {
namespace {

struct SeedCase {
  std::uint64_t seed;
  unsigned workers;
  std::size_t chunk_bytes;
  bool rsa = false;
};
class SeedTest : public testing::TestWithParam<SeedCase> {};

TEST_P(SeedTest, FindsWhatWasPromised) {
  const TemporaryFolder folder;
  make_week(folder / "b", {.installations = 300,
                           .seed = GetParam().seed,
                           .faults = "default",
                           .share = 0.25,
                           .rsa = GetParam().rsa});
  const DryRunResult result = play(folder / "b", folder / "o", [&](DryRunOptions& o) {
    o.runner.workers = GetParam().workers;
    o.runner.chunk_bytes = GetParam().chunk_bytes;
  });
  expect_as_promised(folder / "b", folder / "o", result);
}
INSTANTIATE_TEST_SUITE_P(Seeds, SeedTest,
                         testing::Values(SeedCase{11, 1, 4096}, SeedCase{12, 2, 64},
                                         SeedCase{13, 4, 1 << 20}, SeedCase{14, 3, 1000, true}),
                         [](const auto& row) { return "Seed" + std::to_string(row.param.seed); });

TEST(GenerateTest, GivesTheSameBatchForTheSameSeedAndAnotherForAnother) {
  const TemporaryFolder folder;
  make_week(folder / "a", {.installations = 50, .seed = 5, .faults = "default"});
  make_week(folder / "b", {.installations = 50, .seed = 5, .faults = "default"});
  make_week(folder / "c", {.installations = 50, .seed = 6, .faults = "default"});
  const auto files = files_below(folder / "a");
  EXPECT_EQ(files, files_below(folder / "b"));
  for (const std::string& f : files)
    if (!f.ends_with(".key") && f.find("pki/") == std::string::npos) {
      EXPECT_EQ(text_of(folder / "a" / f), text_of(folder / "b" / f)) << f;
    }
  EXPECT_NE(text_of(folder / "a" / "registration.csv"), text_of(folder / "c" / "registration.csv"));
}

struct OptionCase {
  const char* name;
  void (*change)(GenerateOptions&);
  std::string_view part;
};
class GenerateErrorTest : public testing::TestWithParam<OptionCase> {};

TEST_P(GenerateErrorTest, IsAUsageError) {
  const TemporaryFolder folder;
  GenerateOptions options;
  options.out = folder / "b";
  options.installations = 10;
  options.monday = *Date::parse("2021-06-07");
  GetParam().change(options);
  const auto made = generate_week(options);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind(), ErrorKind::usage);
  EXPECT_NE(std::string(made.error().message()).find(GetParam().part), std::string::npos)
      << made.error().message();
}
INSTANTIATE_TEST_SUITE_P(
    Options, GenerateErrorTest,
    testing::Values(
        OptionCase{"Tuesday", [](GenerateOptions& o) { o.monday = o.monday.plus_days(1); },
                   "must be a Monday"},
        OptionCase{"None", [](GenerateOptions& o) { o.installations = 0; }, "must lie between"},
        OptionCase{"UnknownRule", [](GenerateOptions& o) { o.faults = "file.countr"; },
                   "did you mean 'file.counter'?"},
        OptionCase{"TooFew",
                   [](GenerateOptions& o) {
                     o.installations = 1;
                     o.faults = "file.counter,file.counter,file.counter";
                   },
                   "give more installations"},
        OptionCase{"NoLayouts", [](GenerateOptions& o) { o.layouts = o.out.parent_path(); },
                   "holds no layouts"}),
    case_name<OptionCase>);

TEST(GenerateTest, EmptiesOnlyFoldersThatItMade) {
  const TemporaryFolder folder;
  GenerateOptions options;
  options.out = folder / "b";
  options.installations = 3;
  options.faults = "none";
  options.monday = *Date::parse("2021-06-07");
  ASSERT_TRUE(generate_week(options));
  EXPECT_FALSE(generate_week(options));
  options.overwrite = Overwrite::yes;
  EXPECT_TRUE(generate_week(options));
  std::filesystem::create_directory(folder / "theirs");
  put_text(folder / "theirs" / "thesis.txt", "x");
  options.out = folder / "theirs";
  EXPECT_FALSE(generate_week(options));
  EXPECT_EQ(text_of(folder / "theirs" / "thesis.txt"), "x");
  options.out = folder / "theirs" / "thesis.txt";
  EXPECT_FALSE(generate_week(options));
}

// ---- the output folder

TEST(DryRunTest, EmptiesOnlyFoldersThatItMade) {
  const TemporaryFolder folder;
  make_week(folder / "b", {.installations = 5});
  play(folder / "b", folder / "o");
  EXPECT_NE(error_of_play(folder / "b", folder / "o").find("holds a finished dry run"),
            std::string::npos);
  const auto again = [](DryRunOptions& o) { o.overwrite = Overwrite::yes; };
  EXPECT_EQ(error_of_play(folder / "b", folder / "o", again), "");
  std::filesystem::create_directory(folder / "theirs");
  put_text(folder / "theirs" / "thesis.txt", "x");
  EXPECT_NE(error_of_play(folder / "b", folder / "theirs", again).find("was not made by a dry run"),
            std::string::npos);
  EXPECT_NE(error_of_play(folder / "b", folder / "theirs" / "thesis.txt").find("is not a folder"),
            std::string::npos);
}

TEST(DryRunTest, StopsOnRequest) {
  const TemporaryFolder folder;
  make_week(folder / "b", {.installations = 5});
  const std::atomic<bool> stop{true};
  EXPECT_NE(
      error_of_play(folder / "b", folder / "o", [&](DryRunOptions& o) { o.runner.stop = &stop; })
          .find("stopped"),
      std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder / "o" / "outcomes.jsonl"));
}

TEST(DryRunTest, LeavesEveryFileThatItsHeaderPromises) {
  const TemporaryFolder folder;
  make_week(folder / "b", {.installations = 60});
  std::vector<std::string> steps;
  const DryRunResult result = play(folder / "b", folder / "o", [&](DryRunOptions& o) {
    o.progress = [&](const Progress& p) {
      if (steps.empty() || steps.back() != p.step) steps.emplace_back(p.step);
    };
  });
  EXPECT_GE(steps.size(), 4U);
  const std::vector<std::string> files = files_below(folder / "o");
  for (const char* type : {"mcf", "mvf", "mgf", "mef", "scf", "cof"})
    EXPECT_TRUE(std::any_of(files.begin(), files.end(), [&](const std::string& f) {
      return f.starts_with(std::string("files/") + type + "/");
    })) << type;
  for (const char* name :
       {"findings.jsonl", "outcomes.jsonl", "outcomes.csv", "dormant-readiness.csv"})
    EXPECT_TRUE(std::filesystem::exists(folder / "o" / name)) << name;
  EXPECT_EQ(lines_of(folder / "o" / "outcomes.csv").size(), 61U);
  EXPECT_TRUE(std::any_of(files.begin(), files.end(), [](const std::string& f) {
    return f.starts_with("suppliers/") && f.ends_with("alerts.xmll");
  }));
  EXPECT_EQ(result.findings[static_cast<std::size_t>(Severity::error)], 0U);
  EXPECT_FALSE(result.report.dry_run->files.empty());
}

// ---- given files

TEST(GivenFileTest, TakesThePlaceOfTheMadeOneAndLeadsToTheSame) {
  const TemporaryFolder folder;
  make_week(folder / "b", {.installations = 60});
  play(folder / "b", folder / "o1");
  std::vector<GivenFile> given;
  for (const std::string& f : files_below(folder / "o1" / "files"))
    given.push_back({f.substr(0, 3), folder / "o1" / "files" / f});
  ASSERT_GE(given.size(), 12U);
  const DryRunResult result =
      play(folder / "b", folder / "o2", [&](DryRunOptions& o) { o.given = given; });
  expect_as_promised(folder / "b", folder / "o2", result);
  const auto& files = result.report.dry_run->files;
  const auto count =
      static_cast<std::size_t>(std::count_if(files.begin(), files.end(), [](const auto& f) {
        return f.origin == report::FileOrigin::given;
      }));
  EXPECT_GE(count, given.size());
}

TEST(GivenFileTest, IsCheckedAsTheMadeOneWouldBe) {
  const TemporaryFolder folder;
  make_week(folder / "b", {.installations = 60});
  play(folder / "b", folder / "o1");
  const std::vector<std::string> mcfs = files_below(folder / "o1" / "files/mcf");
  const Path mcf = folder / mcfs[0];
  put_text(mcf, text_of(folder / "o1" / "files/mcf" / mcfs[0]));
  replace_in(mcf, "<CommissionedBy>", "<CommissionedBy> ");
  play(folder / "b", folder / "o2", [&](DryRunOptions& o) { o.given = {{"mcf", mcf}}; });
  const Lines found = findings_of(folder / "o2");
  EXPECT_EQ(found.size(), 1U);
  EXPECT_EQ(count_in(found, "file.digest-mismatch"), 1U) << *found.begin();
}

TEST(GivenFileTest, HasToBeOneOfTheWeek) {
  const TemporaryFolder folder;
  make_week(folder / "b", {.installations = 40});
  make_week(folder / "b2", {.installations = 40, .seed = 2});
  play(folder / "b", folder / "o1");
  const std::string name = files_below(folder / "o1" / "files/mcf")[0];
  const Path mcf = folder / name;
  put_text(mcf, text_of(folder / "o1" / "files/mcf" / name));
  const auto error = [&](const std::string& type, const Path& path, std::string_view out) {
    return error_of_play(folder / "b", folder / out, [&](DryRunOptions& o) {
      o.given = {{type, path}};
    });
  };
  EXPECT_NE(error("maf", mcf, "e1").find("the type must be"), std::string::npos);
  EXPECT_NE(error("nothing", mcf, "e2").find("the type must be"), std::string::npos);
  EXPECT_NE(error("mcf", folder / "none.xml", "e3").find("none.xml"), std::string::npos);
  replace_in(mcf, "<MigrateOn>2021-06", "<MigrateOn>2022-06");
  EXPECT_NE(error("mcf", mcf, "e4").find("none of this batch's mcf files"), std::string::npos);
}

// ---- scripts and models

// The first installation that a plain week migrates.
std::string migrated_installation(const Path& batch) {
  for (const std::string& line : lines_of(batch / "expected-outcomes.jsonl")) {
    if (line.find("\"outcome\":\"migrated\"") == std::string::npos) continue;
    const std::size_t at = line.find("\"installation\":\"") + 16;
    return line.substr(at, line.find('"', at) - at);
  }
  return {};
}

struct ScriptCase {
  const char* name;
  std::string_view line;    // after the installation
  std::string_view policy;  // added to batch.toml
  std::string_view outcome;
};
class ScriptTest : public testing::TestWithParam<ScriptCase> {};

TEST_P(ScriptTest, DecidesTheOutcomeByThePolicy) {
  const TemporaryFolder folder;
  make_week(folder / "b", {.installations = 15});
  const std::string id = migrated_installation(folder / "b");
  put_text(folder / "b" / "script.jsonl",
           "{\"installation\":\"" + id + "\"," + std::string(GetParam().line) + "}\n");
  put_text(folder / "b" / "batch.toml",
           text_of(folder / "b" / "batch.toml") + "\n" + std::string(GetParam().policy) + "\n");
  const DryRunResult result = play(folder / "b", folder / "o");
  EXPECT_TRUE(result.conserved);
  const Lines outcomes = lines_of(folder / "o" / "outcomes.jsonl");
  EXPECT_EQ(count_in(outcomes, "{\"installation\":\"" + id + "\",\"outcome\":\"" +
                                   std::string(GetParam().outcome)),
            1U)
      << difference(lines_of(folder / "b" / "expected-outcomes.jsonl"), outcomes);
}
INSTANTIATE_TEST_SUITE_P(
    Outcomes, ScriptTest,
    testing::Values(
        ScriptCase{"FailsAtCommissioning", R"("device":"chf","step":"12.2","code":"E1001")", "",
                   R"(retry","stage":"cof","reason":"cof.step-failed","failure":"E1001")"},
        ScriptCase{"SucceedsAtTheLastAttempt",
                   R"("device":"chf","step":"12.2","code":"E1001","attempts":2)", "", "migrated"},
        ScriptCase{"FailsWithFewerAttempts",
                   R"("device":"chf","step":"12.2","code":"E1001","attempts":2)",
                   "[policy.service]\nattempts = 2", "retry"},
        ScriptCase{"IsParked", R"("device":"chf","step":"12.2","code":"E1001")",
                   "[policy.service]\nthen = \"park\"", "parked"},
        ScriptCase{"IsExcluded", R"("device":"chf","step":"12.2","code":"E1001")",
                   "[policy.service]\nthen = \"exclude\"", "excluded"},
        ScriptCase{"IsRejected", R"("device":"chf","step":"12.2","code":"E1001")",
                   "[policy.service]\nthen = \"reject\"", "rejected"},
        ScriptCase{"IsExcludedAfterTooManyAttempts",
                   R"("device":"chf","step":"12.2","code":"E1001")",
                   "[policy]\nmax-failed-attempts = 1", "excluded"},
        ScriptCase{"FailsAtTheS1sp",
                   R"("device":"chf","step":"prepare-chf/take-over-hub","code":"key-mismatch")", "",
                   R"(parked","stage":"scf","reason":"scf.step-failed","failure":"key-mismatch")"},
        ScriptCase{"NamesAStepOfNobody", R"("device":"chf","step":"99.9","code":"E1001")", "",
                   "migrated"}),
    case_name<ScriptCase>);

struct BadScriptCase {
  const char* name;
  std::string_view line;
  std::string_view part;
};
class BadScriptTest : public testing::TestWithParam<BadScriptCase> {};

TEST_P(BadScriptTest, IsAUsageErrorWithItsLine) {
  const TemporaryFolder folder;
  make_week(folder / "b", {.installations = 3});
  put_text(folder / "b" / "script.jsonl", std::string(GetParam().line) + "\n");
  const std::string error = error_of_play(folder / "b", folder / "o");
  EXPECT_NE(error.find("script.jsonl:1: "), std::string::npos) << error;
  EXPECT_NE(error.find(GetParam().part), std::string::npos) << error;
  EXPECT_FALSE(std::filesystem::exists(folder / "o" / "outcomes.jsonl"));
}
INSTANTIATE_TEST_SUITE_P(
    Lines, BadScriptTest,
    testing::Values(
        BadScriptCase{"NoFile", R"({"fault":"file.counter"})", "needs the file"},
        BadScriptCase{"NoCode", R"({"installation":"A","device":"chf","step":"12.2"})",
                      "a line needs either"},
        BadScriptCase{"UnknownCode",
                      R"({"installation":"A","device":"chf","step":"12.2","code":"E0"})",
                      "no failure 'E0'"},
        BadScriptCase{"UnknownDevice",
                      R"({"installation":"A","device":"tv","step":"12.2","code":"E20"})", "tv"},
        BadScriptCase{"NotJson", "installation", "JSON"}),
    case_name<BadScriptCase>);

TEST(ModelTest, DrawsFailuresByTheirChance) {
  const TemporaryFolder folder;
  make_week(folder / "b", {.installations = 60});
  replace_in(folder / "b" / "batch.toml", "[model]\nseed = 1",
             "[model]\nseed = 1\n[model.s1sp]\nhub-unreachable = 1.0\n"
             "[model.commissioning]\nE1001 = 0.5\n");
  const DryRunResult all = play(folder / "b", folder / "o1");
  EXPECT_TRUE(all.conserved);
  EXPECT_EQ(count_in(lines_of(folder / "o1" / "outcomes.jsonl"),
                     "\"reason\":\"scf.step-failed\",\"failure\":\"hub-unreachable\""),
            60U);
  replace_in(folder / "b" / "batch.toml", "hub-unreachable = 1.0", "hub-unreachable = 0.6");
  const DryRunResult some = play(folder / "b", folder / "o2");
  EXPECT_TRUE(some.conserved);
  const Lines outcomes = lines_of(folder / "o2" / "outcomes.jsonl");
  for (const char* part : {"hub-unreachable", "E1001", "\"migrated\""}) {
    EXPECT_GE(count_in(outcomes, part), 1U) << part;
    EXPECT_LT(count_in(outcomes, part), 60U) << part;
  }
  // The same draws, whatever the workers do.
  play(folder / "b", folder / "o3", [](DryRunOptions& o) { o.runner = {1, 500}; });
  EXPECT_EQ(difference(outcomes, lines_of(folder / "o3" / "outcomes.jsonl")), "");
}

TEST(ModelTest, LeavesTheElectricitySideWhenOnlyGasFails) {
  const TemporaryFolder folder;
  make_week(folder / "b", {.installations = 60});
  replace_in(folder / "b" / "batch.toml", "[model]\nseed = 1",
             "[model]\nseed = 1\n[model.s1sp]\nGT01 = 1.0\n");
  EXPECT_TRUE(play(folder / "b", folder / "o").conserved);
  const Lines outcomes = lines_of(folder / "o" / "outcomes.jsonl");
  EXPECT_GE(count_in(outcomes, "\"outcome\":\"electricity-only\""), 1U);
  EXPECT_GE(count_in(outcomes, "\"failure\":\"GT01\""), 1U);
}

TEST(ModelTest, KnowsOnlyTheProceduresFailures) {
  const TemporaryFolder folder;
  make_week(folder / "b", {.installations = 3});
  replace_in(folder / "b" / "batch.toml", "[model]\nseed = 1",
             "[model]\nseed = 1\n[model.s1sp]\nE0 = 1.0\n");
  EXPECT_NE(error_of_play(folder / "b", folder / "o").find("there is no failure 'E0'"),
            std::string::npos);
}

}  // namespace
}  // namespace s1flow::pipeline
