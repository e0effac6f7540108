#pragma once
// A dry run of one Migration Week: all parties played, every file of the exchange made (or given),
// read, checked and answered, and every installation's predicted outcome with its reason.
//
// Leaves in the output folder:
//   files/<type>/…            the exchange files as their receivers see them
//   suppliers/<EUI-64>/…      what each supplier gets: COF, or MCF and SCF; alerts.xmll; its
//   exceptions and outcomes
//   findings.jsonl  outcomes.jsonl  outcomes.csv  dormant-readiness.csv
//   ledger.db                 what is finished (RunLedger)
// and what the caller renders of the RunReport.
//
// A run that was interrupted, however that happened, is gone on with by the same call; its result
// is that of a run which was not.

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "core/file.h"
#include "core/result.h"
#include "core/run_report.h"
#include "pipeline/runner.h"
#include "pipeline/week/run_context.h"

namespace s1flow::pipeline {

struct GivenFile {
  std::string type;  // "mcf" …
  Path path;
};

struct DryRunResult;
// A file made of the result, to be put beside it under this name.
struct RenderedFile {
  std::string name, text;
};

struct DryRunOptions {
  Path batch;
  Path out;
  Overwrite overwrite = Overwrite::no;
  RunnerOptions runner;
  std::vector<GivenFile> given;
  Path layouts;  // folder of layouts and schemas that come before the batch's and the shipped ones;
                 // empty: none
  std::vector<std::pair<std::string, Severity>> severities;  // before those of batch.toml
  MemoryBudget memory;  // for the table of installations; its folder is `out` when none is named
  Path ledger;          // shared with other runs; empty: none
  // For encrypted keys, PKCS#12 files and devices of the pki folder; borrowed.
  std::optional<std::string_view> passphrase;
  std::function<void(const Progress&)> progress;
  // Told when an interrupted run is gone on with.
  std::function<void(const std::string&)> say;
  // Makes the reports, once everything else is there.
  std::function<Result<std::vector<RenderedFile>>(DryRunResult&)> render;
};

struct DryRunResult {
  RunReport report;
  // Findings by severity, for the exit code.
  std::array<std::uint64_t, kSeverityNames.size()> findings{};
  bool conserved = false;  // every conservation check holds
};

[[nodiscard]] Result<DryRunResult> dry_run(const DryRunOptions& options);

}  // namespace s1flow::pipeline
