#pragma once
// Reads one CSV or JSON Lines file (MAF, inventory, registration data) through the pipeline:
// framing, decoding, the caller's rules. Faults of the container refuse the file; faults of single
// rows cost the row. Nothing here is signed.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "codecs/layout/layout.h"
#include "codecs/limits.h"
#include "core/file.h"
#include "core/finding.h"
#include "core/result.h"
#include "pipeline/rules/rule_set.h"
#include "pipeline/runner.h"

namespace s1flow::pipeline {

struct PlainVerdict {
  bool accepted = false;
  const Rule* refused_by = nullptr;
  std::vector<Finding> findings;
  std::uint64_t findings_dropped = 0;  // beyond Limits::findings_per_file
  std::uint64_t records = 0;           // rows, faulty ones included
  std::uint64_t unreadable = 0;        // rows that gave no record
  std::uint64_t bytes = 0;
  std::vector<StageStats> stages;
};

struct PlainCallbacks {
  std::function<Status(Work&)> on_chunk;  // in parallel; adds to work.findings
  std::function<Status(Work&)> in_order;
  std::function<std::unique_ptr<WorkerState>()> make_state;
};

[[nodiscard]] Result<PlainVerdict> read_plain(const Path& path,
                                              const std::shared_ptr<const codecs::Layout>& layout,
                                              const RuleSet& rules, const codecs::Limits& limits,
                                              const RunnerOptions& runner,
                                              const PlainCallbacks& callbacks);

// Severity error in any finding of the record with this ordinal.
[[nodiscard]] bool has_error(const std::vector<Finding>& findings, std::uint64_t ordinal);

}  // namespace s1flow::pipeline
