#pragma once
// The section of a load test out of report.json. Only report_reader.cpp uses it.

#include "cli/render/report_node.h"
#include "core/load_report.h"

namespace s1flow::render {

// Faults are kept by the node.
[[nodiscard]] report::Load read_load(const Node& node);

}  // namespace s1flow::render
