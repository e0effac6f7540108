#pragma once
// FileType: what a kind of file holds, in the domain's words. How it looks in bytes is a Layout's
// business. One entry per type in codecs/files/<type>.cpp and one line in codecs/registry.cpp.

#include <span>
#include <string_view>

#include "codecs/field.h"

namespace s1flow::codecs {

struct FileType {
  std::string_view id;     // "mcf"; also the folder of its layouts
  std::string_view title;  // "Migration Common File"
  std::string_view flow;   // who gives it to whom
  RecordDef
      header;  // from the document's head, or for containers without one, from the file's name
  RecordDef record;
  RecordDef trailer;
  std::string_view record_word = "record";  // what people call one: "installation", "row"
};

// All types, in the order of the week.
[[nodiscard]] std::span<const FileType* const> file_types();
[[nodiscard]] const FileType* find_file_type(std::string_view id);

// Index of a field or group by name; npos when there is none.
[[nodiscard]] std::size_t find_field(std::span<const FieldDef> fields, std::string_view name);
[[nodiscard]] std::size_t find_group(std::span<const GroupDef> groups, std::string_view name);
inline constexpr std::size_t npos = static_cast<std::size_t>(-1);

}  // namespace s1flow::codecs
