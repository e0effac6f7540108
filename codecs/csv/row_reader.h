#pragma once
// Reads the fields of CSV rows exactly to RFC 4180: fields with quotes, delimiters or line ends are
// quoted, quotes inside are doubled, nothing stands around a quoted field, rows end with CRLF or
// LF.

#include <string_view>
#include <vector>

#include "codecs/limits.h"
#include "codecs/rules.h"
#include "core/arena.h"
#include "core/result.h"

namespace s1flow::codecs {

class CsvRowReader {
 public:
  CsvRowReader(char delimiter, const Limits& limits) : delimiter_(delimiter), limits_(limits) {}

  // Reads the row that starts at `at` in `bytes`, sets `at` to the next one, and puts its fields
  // into `fields`: views into `bytes`, or into the arena where quotes were doubled. On a fault,
  // Fault::byte is the offset in `bytes`.
  [[nodiscard]] tl::expected<void, Fault> read(std::string_view bytes, std::size_t& at,
                                               Arena& arena,
                                               std::vector<std::string_view>& fields) const;
  // The same for a row without quotes that ends with a line end, as nearly all do. False: it is
  // none, or there is something wrong with it; `at` is as before.
  [[nodiscard]] bool read_plain(std::string_view bytes, std::size_t& at,
                                std::vector<std::string_view>& fields) const;

 private:
  [[nodiscard]] tl::expected<std::string_view, Fault> quoted(std::string_view bytes,
                                                             std::size_t& at, Arena& arena) const;
  [[nodiscard]] tl::expected<std::string_view, Fault> plain(std::string_view bytes,
                                                            std::size_t& at) const;
  char delimiter_;
  Limits limits_;
};

// Appends a field, quoted only where it has to be.
void append_csv_field(std::string& out, std::string_view field, char delimiter);

}  // namespace s1flow::codecs
