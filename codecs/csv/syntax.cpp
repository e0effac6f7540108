#include "codecs/csv/syntax.h"

#include <fmt/format.h>

namespace s1flow::codecs {

bool CsvSyntax::feed(std::string_view bytes) {
  constexpr std::string_view kBom = "\xEF\xBB\xBF";
  for (const char byte : bytes) {
    if (dead_) return false;
    // A mark is a character like any other until its three bytes are there.
    if (bom_ == at_ && bom_ < kBom.size() && byte == kBom[bom_]) ++bom_;
    if (!step(static_cast<unsigned char>(byte))) return false;
    ++at_;
    if (byte == '\n') ++line_;
    if (bom_ == kBom.size() && at_ == kBom.size()) {
      state_ = State::row_start;
      row_byte_ = at_;
    }
  }
  return !dead_;
}

bool CsvSyntax::finish() {
  if (dead_) return false;
  if (left_ != 0) return refuse(kTextEncoding, "the text ends within a character");
  if (state_ == State::quoted) {
    refuse(kCsvMalformed, "a quoted field that never ends");
    faults_.back().byte = quote_byte_;
    faults_.back().line = quote_line_;
    return false;
  }
  if (state_ == State::carriage_return)
    return refuse(kCsvMalformed, "a carriage return without a line feed");
  if (state_ != State::row_start) end_row();
  return faults_.empty();
}

bool CsvSyntax::refuse(const Rule& rule, std::string note) {
  Fault f;
  f.rule = &rule;
  f.byte = at_;
  f.line = line_;
  f.ordinal = rows_ + 1;
  f.note = std::move(note);
  faults_.push_back(std::move(f));
  dead_ = true;
  return false;
}

void CsvSyntax::end_row() {
  ++fields_;
  ++rows_;
  if (rows_ == 1) expected_ = fields_;
  if (fields_ != expected_ && faults_.size() < kMostFaults) {
    Fault f;
    f.rule = &kCsvRaggedRow;
    f.byte = row_byte_;
    f.line = row_line_;
    f.ordinal = rows_;
    f.record = fmt::format("row {}", rows_);
    f.note = fmt::format("{} fields, the first row has {}", fields_, expected_);
    faults_.push_back(std::move(f));
  }
  fields_ = 0;
  state_ = State::row_start;
}

// The first byte of a character (Unicode table 3-7), or a further one.
bool CsvSyntax::character(unsigned char c) {
  if (left_ != 0) {
    if (c < low_ || c > high_) return refuse(kTextEncoding, "not UTF-8");
    low_ = 0x80;
    high_ = 0xBF;
    --left_;
    return true;
  }
  low_ = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
  high_ = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
  if (c >= 0xC2 && c <= 0xDF)
    left_ = 1;
  else if (c >= 0xE0 && c <= 0xEF)
    left_ = 2;
  else if (c >= 0xF0 && c <= 0xF4)
    left_ = 3;
  else
    return refuse(kTextEncoding, "not UTF-8");
  return true;
}

bool CsvSyntax::text(unsigned char c, State next) {
  if (c >= 0x80 || left_ != 0) {
    if (!character(c)) return false;
  } else if (c < 0x20 || c == 0x7F) {
    return c == 0 ? refuse(kTextEncoding, "a NUL byte")
                  : refuse(kCsvMalformed, fmt::format("a control character (0x{:02X})", c));
  }
  state_ = next;
  return true;
}

bool CsvSyntax::step(unsigned char c) {
  switch (state_) {
    case State::quoted:
      if (left_ == 0) {
        if (c == '"') {
          state_ = State::quote;
          return true;
        }
        if (c == '\r' || c == '\n') return true;
      }
      return text(c, State::quoted);
    case State::carriage_return:
      if (c != '\n') return refuse(kCsvMalformed, "a carriage return without a line feed");
      end_row();
      row_byte_ = at_ + 1;
      row_line_ = line_ + 1;
      return true;
    case State::quote:
      if (c == '"') {
        state_ = State::quoted;
        return true;
      }
      if (c != ',' && c != '\r' && c != '\n')
        return refuse(kCsvMalformed, "text after a closing quote");
      break;
    case State::row_start:
    case State::field_start:
      if (c == '"') {
        quote_byte_ = at_;
        quote_line_ = line_;
        state_ = State::quoted;
        return true;
      }
      break;
    case State::plain:
      if (c == '"' && left_ == 0)
        return refuse(kCsvMalformed, "a quote inside a field that is not quoted");
      break;
  }
  if (left_ == 0) {
    if (c == ',') {
      ++fields_;
      state_ = State::field_start;
      return true;
    }
    if (c == '\r') {
      state_ = State::carriage_return;
      return true;
    }
    if (c == '\n')
      return refuse(kCsvMalformed,
                    "a line feed without a carriage return; RFC 4180 ends rows with CRLF");
  }
  return text(c, State::plain);
}

}  // namespace s1flow::codecs
