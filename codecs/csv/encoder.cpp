#include "codecs/csv/encoder.h"

#include "codecs/csv/row_reader.h"

namespace s1flow::codecs {

void CsvEncoder::begin(const Record&, std::string_view, std::string& out) const {
  if (!layout_->csv.header) return;
  for (std::size_t i = 0; i < layout_->columns.size(); ++i) {
    if (i != 0) out.push_back(layout_->csv.delimiter);
    append_csv_field(out, layout_->columns[i].name, layout_->csv.delimiter);
  }
  out += layout_->csv.line_end;
}

void CsvEncoder::cell(const CsvColumn& column, const Record& record, std::string& text) const {
  if (column.leaf < 0) return;
  const Leaf& leaf = layout_->leaves[static_cast<std::size_t>(column.leaf)];
  const auto append = [&](const Value& v) {
    // A bad value is written as it was read, so that converting a faulty file loses nothing.
    if (v.good())
      leaf.format.format(v, text);
    else if (v.present())
      text += v.text;
  };
  if (column.group_start < 0) {
    append(record[leaf.field]);
    return;
  }
  const GroupStart& start = layout_->group_starts[static_cast<std::size_t>(column.group_start)];
  std::size_t number = 0;
  for (const GroupInstance& instance : record.group(start.group)) {
    if (!start.takes(instance)) continue;
    const std::size_t n = number++;
    if (column.instance != npos && n != column.instance) continue;
    if (n != 0 && column.instance == npos) text += leaf.list;
    append(instance[leaf.field]);
  }
}

void CsvEncoder::encode(std::span<const Record* const> records, ShareSealer*,
                        std::string& out) const {
  std::string text;
  for (const Record* record : records) {
    for (std::size_t i = 0; i < layout_->columns.size(); ++i) {
      if (i != 0) out.push_back(layout_->csv.delimiter);
      text.clear();
      cell(layout_->columns[i], *record, text);
      append_csv_field(out, text, layout_->csv.delimiter);
    }
    out += layout_->csv.line_end;
  }
}

}  // namespace s1flow::codecs
