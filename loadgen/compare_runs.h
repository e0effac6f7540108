#pragma once
// Two stored runs of a load test, compared phase by phase and class by class (compare.h), and the
// answer as text and as JSON.

#include <string>
#include <vector>

#include "core/result.h"
#include "loadgen/compare.h"
#include "loadgen/stored_run.h"

namespace s1flow::loadgen {

// What both runs have: a phase that measures, a class (or all of them together) and a leg.
struct ComparedSeries {
  std::string phase;
  std::string klass;  // with its role; "all" for all together
  report::Leg leg = report::Leg::first;
  std::array<Shift, kComparedPercentiles.size()> shifts;
};

struct ComparedClass {
  std::string phase;
  std::string klass;
  std::uint64_t ended_a = 0, ended_b = 0;
  double ok_per_second_a = 0, ok_per_second_b = 0;  // shown, not judged
  ShareShift failed;
};

enum class CompareAnswer : std::uint8_t {
  not_slower,
  slower,
  not_enough_data,
  invalid  // one of the runs cannot be trusted
};
inline constexpr std::array<std::string_view, 4> kCompareAnswerNames{"not-slower", "slower",
                                                                     "not-enough-data", "invalid"};

struct RunComparison {
  std::string name_a, name_b;
  std::vector<std::string> warnings;  // conditions that differ, and what only one run has
  std::vector<ComparedSeries> series;
  std::vector<ComparedClass> classes;
  CompareAnswer answer = CompareAnswer::not_slower;
  std::string reason;  // one line
};

// Runs without a common phase that measures are an Error, and so are logs that are damaged or
// missing.
[[nodiscard]] Result<RunComparison> compare_runs(const StoredRun& a, const StoredRun& b,
                                                 const CompareOptions& options);

void append_comparison_text(std::string& out, const RunComparison& comparison);
// One object and a newline; times in milliseconds, shifts as shares.
void append_comparison_json(std::string& out, const RunComparison& comparison,
                            const CompareOptions& options, int exit_code);

}  // namespace s1flow::loadgen
