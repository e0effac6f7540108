#pragma once
// Ends of CSV rows (RFC 4180): a line feed outside of quotes. Whether the quotes are placed rightly
// is judged by CsvRowReader.

#include "codecs/framer.h"

namespace s1flow::codecs {

enum class CsvHeader { no, yes };

class CsvFramer final : public Framer {
 public:
  explicit CsvFramer(CsvHeader header) : header_pending_(header == CsvHeader::yes) {}
  [[nodiscard]] tl::expected<Cut, Fault> scan(std::string_view window, bool at_end) override;
  void consumed(std::size_t bytes) override;
  [[nodiscard]] const Rule& limit_rule() const override { return kCsvLimit; }

 private:
  void end_row();        // at at_
  bool header_pending_;  // the header line is no record
  bool in_quotes_ = false;
  std::size_t at_ = 0;
  std::size_t row_end_ = 0;  // of the last row or header line, in the window
  Cut cut_;
};

}  // namespace s1flow::codecs
