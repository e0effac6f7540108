#pragma once
// report.html: one self-contained page made from the report alone. It asks nothing of any network,
// its facts stand in plain tables that need no script, and charts are added by script.
// Pure; thread-safe.

#include <string>
#include <string_view>

#include "core/result.h"
#include "core/run_report.h"

namespace s1flow::render {

// Rows of the files table; the rest are in report.json. Rejected files come first.
inline constexpr std::size_t kMaxFileRows = 400;
// Rows of the table of reasons.
inline constexpr std::size_t kMaxLossRows = 60;

// From the text of a stored report.json; fails when that is no report of this version.
[[nodiscard]] Result<std::string> render_html(std::string_view report_json);
[[nodiscard]] std::string render_html(const RunReport& given);

}  // namespace s1flow::render
