#pragma once
// Records as people read them: domain field names, ISO dates, code names; secrets masked. For
// inspect and diff. Pure; thread-safe.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codecs/file_type.h"
#include "codecs/record.h"

namespace s1flow::pipeline {

enum class Secrets { masked, plain };

// The value's text whatever a layout makes of it. A masked secret says only how long it is.
[[nodiscard]] std::string value_text(const codecs::FieldDef& field, const codecs::Value& value,
                                     Secrets secrets);

struct FieldText {
  std::string path;  // "device[2].firmware"
  std::string text;
  bool secret = false;
};
// Every value that is present, in the order of the definition.
[[nodiscard]] std::vector<FieldText> field_texts(const codecs::RecordDef& def,
                                                 const codecs::Record& record, Secrets secrets);

// By what a record is told from the others of its file.
[[nodiscard]] std::string record_key(const codecs::FileType& type, const codecs::Record& record);

}  // namespace s1flow::pipeline
