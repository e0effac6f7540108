#pragma once
// XML and CSV as JSON Lines and back, without loss: for people and tools that would rather read
// lines of JSON (docs/formats/json-lines.md describes the form). Structure only: nothing is
// validated but the containers, so what a layout or schema would refuse comes through as well, and
// so do the elements, attributes, name spaces, comments and signatures that no layout knows.
//
//   XML -> lines -> XML gives a document with the same canonical form, byte for byte (with comments
//   too), so a signature keeps holding. CDATA sections become text and the prolog is written anew.
//   CSV -> lines -> CSV gives the same bytes up to quotes that were not needed.
//
// Streaming: one record at a time is held. Not thread-safe.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/layout/layout.h"
#include "codecs/limits.h"
#include "codecs/rules.h"
#include "core/byte_sink.h"
#include "core/file.h"
#include "core/result.h"

namespace s1flow::codecs {

struct LinesResult {
  std::vector<Fault> faults;  // none: everything has been written
  std::uint64_t lines = 0;    // of JSON, the first one included
};
using BytesRead = std::function<void(std::uint64_t)>;

// `record_path` as in Layout: elements on it are opened and closed on lines of their own, every
// other one becomes one line. Empty: the children of the root are the lines. `layout` is only
// noted.
[[nodiscard]] Result<LinesResult> xml_to_lines(InputFile& file,
                                               const std::vector<std::string>& record_path,
                                               std::string_view layout, const ByteSink& sink,
                                               const BytesRead& progress = {});
[[nodiscard]] Result<LinesResult> lines_to_xml(InputFile& file, const ByteSink& sink,
                                               const BytesRead& progress = {});

[[nodiscard]] Result<LinesResult> csv_to_lines(InputFile& file, const Layout& layout,
                                               const ByteSink& sink,
                                               const BytesRead& progress = {});
// `layout` gives columns, delimiter and line ends when the first line does not; may be null.
[[nodiscard]] Result<LinesResult> lines_to_csv(InputFile& file, const Layout* layout,
                                               const ByteSink& sink,
                                               const BytesRead& progress = {});

// What a file of JSON Lines was made of by the functions above, by its first line.
enum class LinesOf : std::uint8_t { something_else, xml, csv };
[[nodiscard]] LinesOf lines_of(std::string_view first_line);

inline constexpr std::string_view kLinesKey = "#s1flow";
inline constexpr std::string_view kXmlLines = "xml-lines/1";
inline constexpr std::string_view kCsvLines = "csv-lines/1";

}  // namespace s1flow::codecs
