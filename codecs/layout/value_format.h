#pragma once
// How one field is spelled in a file: between a Value and its text. Compiled once when a layout
// loads; parse and format look nothing up but short code lists. Pure and thread-safe.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codecs/record.h"

namespace s1flow::codecs {

struct ValueFormat {
  const FieldDef* field = nullptr;
  std::string time_format;  // dates and times (core/calendar.h)
  bool serial_hex = false;  // certificate serials in hex instead of decimal
  bool eui_plain = false;   // EUI-64 without hyphens
  bool base64 = false;      // octets in base64 instead of hex
  bool trimmed = false;     // white space around the text does not count
  std::vector<std::pair<std::string, std::uint64_t>> codes;  // text to index, for codes and flags

  // Sets value.text and, when the text is a value of the field's kind, the number and
  // ValueState::good; otherwise ValueState::bad with the text kept. An empty text is `absent`.
  // Octets of hex and base64 go into the arena.
  void parse(std::string_view text, Value& value, Arena& arena) const;
  // Appends the value's text; the value must be good. Texts are not escaped.
  void format(const Value& value, std::string& out) const;
};

// What a value of the kind looks like, for messages: "13 digits", "date as %d/%m/%Y".
[[nodiscard]] std::string expected_form(const ValueFormat& format);

}  // namespace s1flow::codecs
