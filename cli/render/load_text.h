#pragma once
// The short summary of a load test's report. Text that others wrote is escaped. Pure; thread-safe.

#include <string>

#include "core/run_report.h"

namespace s1flow::render {

[[nodiscard]] std::string load_summary(const RunReport& report);

}  // namespace s1flow::render
