#pragma once
// From what a run has seen to the `load` section of its report (core/load_report.h), and to the
// lines of histograms.hlog. One thread: the one that called run_plan().

#include <span>
#include <string>
#include <vector>

#include "core/load_timeline.h"
#include "loadgen/scenario.h"

namespace s1flow::loadgen {

// As the report has it. Target response times are those of the SRV table, with their source, unless
// the scenario has set one of its own.
[[nodiscard]] report::LoadClass describe(const RequestClass& c);

// Watches the seconds of a run.
class LoadReporter {
 public:
  // Borrows all of them.
  LoadReporter(const Scenario& scenario, std::span<const RequestClass> classes);

  void see(const Interval& interval);
  // The lines of one second.
  void append_log_lines(std::string& out, const Interval& interval) const;
  // Once, after the run.
  [[nodiscard]] report::Load finish(const RunResult& result, const Verdict& verdict);

 private:
  const Scenario& scenario_;
  std::span<const RequestClass> classes_;
  std::vector<report::LoadClass> described_;
  std::vector<std::array<std::string, 8>> tags_;  // by phase and class, and figure
  report::TimelineMaker timeline_;
};

}  // namespace s1flow::loadgen
