#pragma once
// CSV for people and their spreadsheets: RFC 4180 quoting, CRLF line ends. Pure; thread-safe.

#include <span>
#include <string>
#include <string_view>

namespace s1flow::render {

// yes: a cell that a spreadsheet would take for a formula (it begins with = + - @, tab, CR or LF)
// gets a ' before it. Right for reports that people open; wrong for files that programs read, since
// the cell is no longer what it was.
enum class FormulaGuard { no, yes };

void append_csv_cell(std::string& out, std::string_view cell, FormulaGuard guard);
void append_csv_row(std::string& out, std::span<const std::string_view> cells, FormulaGuard guard);

}  // namespace s1flow::render
