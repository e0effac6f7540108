#pragma once
// Reads a stored report.json back, so that it can be rendered again without the run. Refuses other
// schemas and versions, missing members and wrong types, and names the place; members it does not
// know are passed over. Nothing is lost: append_json of the result gives the same values.

#include <string_view>

#include "core/result.h"
#include "core/run_report.h"

namespace s1flow::render {

[[nodiscard]] Result<RunReport> read_run_report(std::string_view report_json);

}  // namespace s1flow::render
