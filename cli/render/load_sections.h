#pragma once
// The parts of report.html of a load test; only html.cpp uses them. Each appends whole elements.

#include <string>
#include <string_view>

#include "core/run_report.h"

namespace s1flow::render {

// load_html.cpp
void append_load_headline(std::string& out, const RunReport& report, const report::Load& load);
void append_thresholds(std::string& out, const report::Load& load);
void append_load_conditions(std::string& out, const RunReport& report, const report::Load& load);

// load_html_tables.cpp
void append_times(std::string& out, const report::Load& load);
void append_rate(std::string& out, const report::Load& load);
void append_targets(std::string& out, const report::Load& load);
void append_accounting(std::string& out, const report::Load& load);

// load_html_trust.cpp
void append_messages(std::string& out, const report::Load& load);
void append_health(std::string& out, const report::Load& load);

// load_data.cpp: the figures that the charts are drawn from, as JSON.
[[nodiscard]] std::string load_chart_data(const report::Load& load);

}  // namespace s1flow::render
