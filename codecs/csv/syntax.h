#pragma once
// CsvSyntax: is this byte stream CSV exactly as RFC 4180 defines it? Rows end with CRLF, the last
// one may end with the file; a field is quoted as a whole or holds no quote; quotes inside are
// doubled; control characters (tabs too) have no place, apart from CR and LF inside quotes; all
// rows have as many fields as the first. Beyond ASCII the text has to be UTF-8; one byte order mark
// at the start is passed over. Any size; not thread-safe.
//
// Batches are read less strictly: there a row may also end with LF alone (codecs/csv/row_reader.h).

#include <cstdint>
#include <string_view>
#include <vector>

#include "codecs/rules.h"

namespace s1flow::codecs {

class CsvSyntax {
 public:
  static constexpr std::size_t kMostFaults = 100;

  // The next bytes. False: a fault that leaves it open where rows begin; no more bytes are looked
  // at.
  bool feed(std::string_view bytes);
  bool finish();
  // Rows of another length do not end the reading; the rest is counted when there are too many.
  [[nodiscard]] const std::vector<Fault>& faults() const { return faults_; }
  [[nodiscard]] std::uint64_t rows() const { return rows_; }

 private:
  enum class State : std::uint8_t { row_start, field_start, plain, quoted, quote, carriage_return };

  bool step(unsigned char c);
  bool text(unsigned char c, State next);
  bool character(unsigned char c);
  void end_row();
  bool refuse(const Rule& rule, std::string note);

  State state_ = State::row_start;
  std::vector<Fault> faults_;
  std::uint64_t rows_ = 0;
  std::uint64_t fields_ = 0;    // of this row, before the one at hand
  std::uint64_t expected_ = 0;  // of the first row
  std::uint64_t at_ = 0, line_ = 1;
  std::uint64_t row_byte_ = 0, row_line_ = 1;
  std::uint64_t quote_byte_ = 0, quote_line_ = 1;
  unsigned left_ = 0;  // bytes of a character that still have to come
  unsigned char low_ = 0x80, high_ = 0xBF;
  unsigned bom_ = 0;  // bytes of a byte order mark seen
  bool dead_ = false;
};

}  // namespace s1flow::codecs
