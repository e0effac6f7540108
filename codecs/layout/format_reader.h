#pragma once
// Reads [formats] and [codes] of a layout: how each field is spelled. Used by the layout loader
// only.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codecs/config.h"
#include "codecs/field.h"
#include "codecs/layout/value_format.h"
#include "core/result.h"

namespace s1flow::codecs {

enum class SpaceAround : std::uint8_t { counts, is_trimmed };

class FormatReader {
 public:
  // `root` is the layout's tree and must outlive the reader.
  explicit FormatReader(const ConfigValue& root) : root_(root) {}

  Status read(SpaceAround space);
  // What holds for fields that say nothing of their own.
  [[nodiscard]] const ValueFormat& defaults() const { return defaults_; }
  [[nodiscard]] const std::string& date_format() const { return date_; }
  // The format of one field. `scope` is "device." inside that group, for code lists; `own` is the
  // text of the field's own key `format`, `at` the place for messages.
  [[nodiscard]] Result<ValueFormat> format_of(const FieldDef& field, const std::string& scope,
                                              const std::optional<std::string>& own,
                                              const ConfigValue& at);
  // A code list that belongs to no field is most likely misspelt. Call it after the last field.
  [[nodiscard]] Status check_codes_used() const;

 private:
  [[nodiscard]] Status read_flags(const ConfigValue& formats);
  [[nodiscard]] Status read_codes(const FieldDef& field, const std::string& key,
                                  ValueFormat& format);

  const ConfigValue& root_;
  ValueFormat defaults_;
  std::string date_, time_;
  std::vector<std::pair<std::string, std::uint64_t>> flags_;
  std::vector<std::string> code_lists_used_;
};

}  // namespace s1flow::codecs
