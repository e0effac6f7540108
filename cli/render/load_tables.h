#pragma once
// A load test's report as tables and as JUnit XML, and what its renderings share. Pure;
// thread-safe.

#include <string>
#include <string_view>
#include <vector>

#include "core/run_report.h"

namespace s1flow::render {

// One figure of a class in a phase, or of several put together.
struct Figure {
  std::string_view title;  // "Response time", "Acknowledged" ...
  std::string_view id;     // as in histograms.hlog
  const Histogram* times = nullptr;
};
// Those that have values, as people read them: the way of a request, then what failed, then lag.
[[nodiscard]] std::vector<Figure> figures_of(const report::LoadRecord& record);
// Name, and the role where there is one.
[[nodiscard]] std::string label_of(const report::LoadClass& c);
// "12.3" with four figures.
[[nodiscard]] std::string milliseconds_text(Nanoseconds time);

// A row for each phase, class, role and figure; then the same of all classes together.
[[nodiscard]] std::string percentiles_csv(const report::Load& load);
// A row for each slot of the seconds and class, and for all classes together.
[[nodiscard]] std::string seconds_csv(const report::Load& load);
// The outcome cube of a dry run.
[[nodiscard]] std::string outcomes_csv(const report::DryRun& run);
// Each threshold and the run's validity as a test case; of a dry run each check of its counts.
[[nodiscard]] std::string junit_xml(const RunReport& report);

}  // namespace s1flow::render
