#include "core/run_report.h"

#include <algorithm>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace s1flow {
namespace {

namespace json = boost::json;
using namespace report;

// Every member has a value of its own, so that none can stand in for another.
RunReport full_report() {
  RunReport r;
  r.program = {"s1flow", "1.2.3", "Release", "GNU 12", {{"libxml2", "2.9"}, {"OpenSSL", "3.0"}}};
  r.machine = {"cpu", 4, 5, "kernel"};
  r.run = {.batch = "batch",
           .output = "out",
           .clock = "2019-04-05T09:00:00Z",
           .seed = 18446744073709551615ULL,
           .workers = 6,
           .chunk_bytes = 7,
           .layouts = {"one", "two"},
           .wall = Nanoseconds(1'500'000'000),
           .peak_rss_bytes = 8,
           .id_table_bytes = 9};
  r.verdict = {State::stopped, 3, "because \"of\"\nthat"};
  r.warnings = {"slow"};
  DryRun d;
  d.week = {"2019-04-08", {"AA", "EB"}, {{"S1SP", "name", "eui"}}};
  d.funnel = {{"maf_rows", "MAF rows", "rows", 10}};
  d.findings = {{.rule = "MAF-101",
                 .title = "wrong",
                 .severity = Severity::warning,
                 .scope = RuleScope::file,
                 .clause = "MTAD 17.20(a)",
                 .public_code = "MA110",
                 .count = 11,
                 .examples = {{"file", "record", "field", "seen", 12}}}};
  d.outcomes.titles = {{"parked", "Parked", OutcomeKind::open}};
  d.outcomes.reasons = {{"DOR-1", "waits"}};
  d.outcomes.rows = {{"e", "n", "AA", "2019-04-09", "parked", "DOR-1", 13}};
  d.files = {{"mcf", "a.xml", "from", "to", "EB", "2019-04-10", FileStatus::rejected, "XML-1", 14,
              15, 16, 17, "ab", FileOrigin::given}};
  d.stages = {{"MCF", "decode", 18, 19, Nanoseconds(20'000'000), Nanoseconds(1)}};
  d.conservation = {{"c", "adds up", 21, 22, true}};
  r.dry_run = std::move(d);
  return r;
}

json::value parsed(const RunReport& r) {
  std::string text;
  append_json(text, r);
  json::error_code error;
  json::value value = json::parse(text, error);
  EXPECT_FALSE(error) << error.message() << "\n" << text;
  return value;
}

TEST(RunReportTest, WritesEveryMember) {
  const json::value expected = json::parse(R"json({
    "schema": {"name": "s1flow-report", "version": 1},
    "kind": "dry-run",
    "program": {"name": "s1flow", "version": "1.2.3", "build_type": "Release", "compiler": "GNU 12",
      "libraries": [{"name": "libxml2", "version": "2.9"}, {"name": "OpenSSL", "version": "3.0"}]},
    "machine": {"cpu": "cpu", "cores": 4, "memory_bytes": 5, "kernel": "kernel"},
    "run": {"batch": "batch", "output": "out", "clock": "2019-04-05T09:00:00Z",
      "seed": 18446744073709551615, "workers": 6, "chunk_bytes": 7, "layouts": ["one", "two"],
      "wall_seconds": 1.5, "peak_rss_bytes": 8, "id_table_bytes": 9},
    "verdict": {"state": "stopped", "exit_code": 3, "reason": "because \"of\"\nthat"},
    "dry_run": {
      "week": {"monday": "2019-04-08", "groups": ["AA", "EB"],
        "parties": [{"role": "S1SP", "name": "name", "eui": "eui"}]},
      "funnel": [{"id": "maf_rows", "title": "MAF rows", "unit": "rows", "count": 10}],
      "findings": [{"rule": "MAF-101", "title": "wrong", "severity": "warning", "scope": "file",
        "clause": "MTAD 17.20(a)", "public_code": "MA110", "count": 11, "examples":
        [{"file": "file", "record": "record", "field": "field", "seen": "seen", "line": 12}]}],
      "outcomes": {"titles": [{"id": "parked", "title": "Parked", "kind": "open"}],
        "reasons": [{"id": "DOR-1", "title": "waits"}],
        "rows": [{"supplier_eui": "e", "supplier_name": "n", "group": "AA", "day": "2019-04-09",
          "outcome": "parked", "reason": "DOR-1", "count": 13}]},
      "files": [{"type": "mcf", "name": "a.xml", "sender": "from", "recipient": "to",
        "group": "EB", "day": "2019-04-10", "status": "rejected", "rejected_by": "XML-1",
        "records_in": 14, "accepted": 15, "rejected": 16, "bytes": 17, "sha256": "ab",
        "origin": "given"}],
      "stages": [{"step": "MCF", "stage": "decode", "records": 18, "bytes": 19,
        "busy_seconds": 0.02, "waiting_seconds": 1e-9}],
      "conservation": [{"id": "c", "title": "adds up", "in": 21, "out": 22, "holds": true}]},
    "warnings": ["slow"]})json");
  EXPECT_EQ(parsed(full_report()), expected);
}

TEST(RunReportTest, WritesAnEmptySectionForADryRunThatNeverBegan) {
  const json::value value = parsed(RunReport());
  EXPECT_TRUE(value.at("dry_run").at("funnel").as_array().empty());
  EXPECT_EQ(value.at("dry_run").at("week").at("monday").as_string(), "");
}

TEST(RunReportTest, ReplacesWhatJsonCannotHold) {
  RunReport r = full_report();
  r.run.batch = std::string("a\0\xFF\xC3(z", 6);
  EXPECT_EQ(parsed(r).at("run").at("batch").as_string(),
            std::string("a\0\xEF\xBF\xBD\xEF\xBF\xBD(z", 10));
}

TEST(RunReportTest, PutsRowsOnLinesOfTheirOwn) {
  RunReport r;
  r.dry_run.emplace();
  r.dry_run->outcomes.rows.resize(5);
  std::string text;
  append_json(text, r);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'),
            5);  // four between five rows, one at the end
  EXPECT_EQ(text.back(), '\n');
}

}  // namespace
}  // namespace s1flow
