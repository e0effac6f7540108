#pragma once
// What a dry run leaves beside the files: findings.jsonl, outcomes.jsonl and .csv, readiness report
// and supplier reports, and the RunReport.

#include "core/result.h"
#include "core/run_report.h"
#include "pipeline/week/run_context.h"

namespace s1flow::pipeline {

// Each notes what it wrote in run.results.

// Sorted by file, record, field and rule.
[[nodiscard]] Status write_findings(RunContext& run);
// One line per planned installation, and per MAF row that belongs to none.
[[nodiscard]] Status write_outcomes(RunContext& run);
// Dormant readiness of every planned installation with a Dormant Meter (MTAD 6.3(a)(iv)), and per
// supplier its exceptions and outcomes (MTAD 17.21(c), 17.22(d)).
[[nodiscard]] Status write_reports_for_parties(RunContext& run);

// The counts that have to add up; part of every run.
void check_conservation(RunContext& run);

[[nodiscard]] report::DryRun make_dry_run_report(const RunContext& run);

// ---- one line of outcomes.jsonl, also used by the generator for what it expects
struct OutcomeLine {
  std::string installation;  // or, for a MAF row without one:
  std::string file, record;
  Outcome outcome = Outcome::none;
  WeekStage stage = WeekStage::maf;
  std::string reason;   // rule id
  std::string failure;  // code
};
void append_json(std::string& out, const OutcomeLine& line);

}  // namespace s1flow::pipeline
