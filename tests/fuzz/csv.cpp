// CSV rows of a MAF, whole and in chunks; and one row out of the reader and the writer.

#include "codecs/csv/row_reader.h"
#include "core/check.h"
#include "tests/codecs/reading.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/two_ways.h"

using namespace s1flow;
using namespace s1flow::codecs;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<const Layout> layout = shipped_layout("maf");
  const std::string_view input = as_text(data, size);
  read_two_ways(input, layout, nullptr);
  const CsvRowReader reader(',', {});
  Arena arena;
  std::vector<std::string_view> fields, again;
  for (std::size_t at = 0; at < input.size();) {
    if (!reader.read(input, at, arena, fields)) break;
    std::string row;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i != 0) row += ',';
      append_csv_field(row, fields[i], ',');
    }
    if (row.empty()) continue;  // one empty field
    std::size_t from = 0;
    S1FLOW_CHECK(reader.read(row, from, arena, again).has_value());
    S1FLOW_CHECK(from == row.size() && fields == again);
  }
  return 0;
}
