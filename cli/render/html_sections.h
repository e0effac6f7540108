#pragma once
// The parts of report.html; only html.cpp uses them. Each appends whole elements.

#include <string>
#include <string_view>

#include "cli/render/tally.h"
#include "core/run_report.h"

namespace s1flow::render {

// html_head.cpp
void append_headline(std::string& out, const RunReport& report, const Tally& tally);

// html_funnel.cpp
void append_funnel(std::string& out, const report::DryRun& run);

// html_outcomes.cpp
void append_outcome_totals(std::string& out, const Tally& tally);
void append_outcome_tables(std::string& out, const Tally& tally);
void append_losses(std::string& out, const Tally& tally);

// html_findings.cpp
void append_findings(std::string& out, const report::DryRun& run);
void append_files(std::string& out, const report::DryRun& run);

// html_run.cpp
void append_throughput(std::string& out, const RunReport& report, const Tally& tally);
void append_conservation(std::string& out, const report::DryRun& run);
void append_conditions(std::string& out, const RunReport& report);

// html_data.cpp: the figures that the charts are drawn from, as JSON.
[[nodiscard]] std::string chart_data(const RunReport& report, const Tally& tally);

// Shared bits.
inline constexpr std::string_view kTick = "✓";
inline constexpr std::string_view kCross = "✕";
[[nodiscard]] std::string swatch_class(const OutcomeTotal& outcome);  // "good-1", "bad-3 hatch"
// A place for a chart: stays hidden unless report.js draws it.
void append_chart(std::string& out, std::string_view id, std::string_view described);
// A cell with a bar of `part` in `whole`, for the eye only: the figures stand beside it.
void append_bar_cell(std::string& out, std::uint64_t part, std::uint64_t whole,
                     std::string_view classes);
void append_number_cell(std::string& out, std::uint64_t value);
void append_cell(std::string& out, std::string_view text);                          // escaped
void append_fact(std::string& out, std::string_view name, std::string_view value);  // escaped
void append_tile(std::string& out, std::string_view value, std::string_view label,
                 std::string_view note, std::string_view tone);
void append_badge(std::string& out, std::string_view tone, std::string_view mark,
                  std::string_view text);
// That there are warnings, at the top; and the warnings, among the conditions.
void append_warning_note(std::string& out, const RunReport& report);
void append_warnings(std::string& out, const RunReport& report);
// Program, build, libraries, machine and kernel.
void append_machine_facts(std::string& out, const RunReport& report);

}  // namespace s1flow::render
