#pragma once
// This program, for reports. Thread-safe.

#include "core/run_report.h"

namespace s1flow::pipeline {

[[nodiscard]] report::Program this_program();

}  // namespace s1flow::pipeline
