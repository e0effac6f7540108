#pragma once
// Reads a whole file through the codecs as the pipeline does, for tests: cut into chunks of a given
// size, each decoded with an arena of its own, and everything that came out written down as text,
// so that two readings can be compared.

#include <string>
#include <string_view>
#include <vector>

#include "codecs/layout/layout.h"
#include "codecs/limits.h"
#include "codecs/rules.h"
#include "codecs/xml/chunk_parser.h"
#include "codecs/xml/schema.h"
#include "core/file.h"

namespace s1flow::codecs {

struct Reading {
  std::string header, trailer;       // their values; empty when there are none
  std::vector<std::string> records;  // "2@17:3 installation-id=… device[type=… id=…]"
  std::vector<std::string> faults;   // "csv.ragged-row record=row 2 line=3 …"
  std::vector<Fault> found;          // the same
  std::string canonical;             // of XML
  std::size_t chunks = 0;
  std::size_t fast_chunks = 0;  // of them, by the fast path of XML

  // All of it as one text.
  [[nodiscard]] std::string text() const;
};

enum class Places { no, yes };

struct ReadingOptions {
  std::size_t chunk_bytes = std::size_t{1} << 20;
  Limits limits;
  std::shared_ptr<const XmlSchema> schema = nullptr;
  XmlWay first = XmlWay::fast;
  Places places = Places::yes;  // where records stand, and canonical XML
};

// A fault of file scope is all that is left of a reading, as in the pipeline: the first by place.
[[nodiscard]] Reading read_whole_file(const Path& path, const std::shared_ptr<const Layout>& layout,
                                      const ReadingOptions& options = {});

// The values of a record, without its place.
[[nodiscard]] std::string values_of(const Record& record);
// Everything of it: its place, and every value with its state, text, numbers and line.
[[nodiscard]] std::string whole_text_of(const Record& record);
[[nodiscard]] std::string text_of(const Fault& fault);

// Decodes the file and encodes what came out: header, records, trailer.
[[nodiscard]] std::string encode_again(const Path& path,
                                       const std::shared_ptr<const Layout>& layout,
                                       std::size_t chunk_bytes);

// Writes without waiting for the disk, for tests that write thousands.
void put_file(const Path& path, std::string_view bytes);

// The layout that ships for a type; with its schema, where it has one.
[[nodiscard]] std::shared_ptr<const Layout> shipped_layout(std::string_view type);
[[nodiscard]] std::shared_ptr<const XmlSchema> schema_of(const Layout& layout);

// A layout from text, by the schema documents given beside it ("x.xsd" to its text).
using Documents = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] Result<std::shared_ptr<const Layout>> layout_from(std::string toml,
                                                                Documents documents = {});

}  // namespace s1flow::codecs
