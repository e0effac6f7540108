#include "cli/render/csv.h"

namespace s1flow::render {

void append_csv_cell(std::string& out, std::string_view cell, FormulaGuard guard) {
  const bool formula = guard == FormulaGuard::yes && !cell.empty() &&
                       std::string_view("=+-@\t\r\n").find(cell[0]) != std::string_view::npos;
  const bool quoted = cell.find_first_of("\",\r\n") != std::string_view::npos;
  if (quoted) out.push_back('"');
  if (formula) out.push_back('\'');
  for (const char c : cell) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  if (quoted) out.push_back('"');
}

void append_csv_row(std::string& out, std::span<const std::string_view> cells, FormulaGuard guard) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i != 0) out.push_back(',');
    append_csv_cell(out, cells[i], guard);
  }
  out += "\r\n";
}

}  // namespace s1flow::render
