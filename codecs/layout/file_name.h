#pragma once
// The name of a file as a pattern over its header fields, such as
//   MA_{smso}_{sender}_{created:%Y%m%d_%H%M%S}.csv
// A placeholder names a header field; after a colon stands a date or time format, or for a count
// its width ("{counter:08}"). Immutable; thread-safe.

#include <string>
#include <string_view>
#include <vector>

#include "codecs/file_type.h"
#include "codecs/layout/value_format.h"
#include "core/result.h"

namespace s1flow::codecs {

class FileNamePattern {
 public:
  FileNamePattern() = default;
  // `header` must outlive the pattern. Unknown fields and bad formats are usage errors.
  [[nodiscard]] static Result<FileNamePattern> parse(std::string_view pattern,
                                                     const RecordDef& header,
                                                     const ValueFormat& defaults);

  [[nodiscard]] bool empty() const { return parts_.empty(); }
  [[nodiscard]] const std::string& text() const { return text_; }
  // The name for these header values. Fields without a value are written as "-". Only letters,
  // digits, '.', '_' and '-' come out, whatever the values hold, so a name can never lead to
  // another folder.
  [[nodiscard]] std::string make(const Record& header) const;
  // Fills the header's fields from a name. False when the name does not fit; `header` may then be
  // partly filled.
  [[nodiscard]] bool read(std::string_view name, Record& header) const;
  // The first literal, "MA_": by it files are told apart in a folder.
  [[nodiscard]] std::string_view prefix() const;
  // True when the pattern names the field.
  [[nodiscard]] bool has(std::size_t field) const;

 private:
  struct Part {
    std::string literal;  // when field is npos
    std::size_t field = npos;
    ValueFormat format;
    unsigned width = 0;          // least number of digits of a count
    std::size_t fixed_size = 0;  // characters that the value takes, when that is known
  };
  std::string text_;
  std::vector<Part> parts_;
};

}  // namespace s1flow::codecs
