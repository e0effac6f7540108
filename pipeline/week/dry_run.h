#pragma once
// A dry run of one Migration Week: all parties played, every file of the exchange made (or given),
// read, checked and answered, and every installation's predicted outcome with its reason.
//
// Leaves in the output folder:
//   files/<type>/…            the exchange files as their receivers see them
//   suppliers/<EUI-64>/…      what each supplier gets: COF, or MCF and SCF; alerts.xmll; its
//   exceptions and outcomes findings.jsonl  outcomes.jsonl  outcomes.csv  dormant-readiness.csv
// report.json and report.html are made from the RunReport by the caller.

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

struct DryRunOptions {
  Path batch;
  Path out;
  Overwrite overwrite = Overwrite::no;
  RunnerOptions runner;
  std::vector<GivenFile> given;
  Path layouts;  // folder of layouts and schemas that come before the batch's and the shipped ones;
                 // empty: none
  std::vector<std::pair<std::string, Severity>> severities;  // before those of batch.toml
  // For encrypted keys, PKCS#12 files and devices of the pki folder; borrowed.
  std::optional<std::string_view> passphrase;
  std::function<void(const Progress&)> progress;
};

struct DryRunResult {
  RunReport report;
  // Findings by severity, for the exit code.
  std::array<std::uint64_t, kSeverityNames.size()> findings{};
  bool conserved = false;  // every conservation check holds
};

[[nodiscard]] Result<DryRunResult> dry_run(const DryRunOptions& options);

}  // namespace s1flow::pipeline
