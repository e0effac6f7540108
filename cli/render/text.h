#pragma once
// The short summary of a run, as a dry run ends with on the terminal: about 25 lines, at most 100
// columns, every figure from the report. Text that others wrote is escaped. Pure; thread-safe.

#include <string>

#include "core/run_report.h"

namespace s1flow::render {

enum class Colour { no, yes };

[[nodiscard]] std::string render_summary(const RunReport& report, Colour colour = Colour::no);

}  // namespace s1flow::render
