#include <algorithm>

#include "codecs/file_type.h"
#include "codecs/files/cof.h"
#include "codecs/files/epcl.h"
#include "codecs/files/inventory.h"
#include "codecs/files/maf.h"
#include "codecs/files/mcf.h"
#include "codecs/files/mef.h"
#include "codecs/files/mgf.h"
#include "codecs/files/mvf.h"
#include "codecs/files/registration.h"
#include "codecs/files/scf.h"
#include "codecs/files/script.h"

namespace s1flow::codecs {

// Written out, since a linker drops objects that register themselves from a static library.
std::span<const FileType* const> file_types() {
  static constexpr const FileType* kTypes[] = {
      &maf::kType,          &mcf::kType,       &mvf::kType,    &mgf::kType,
      &mef::kType,          &scf::kType,       &cof::kType,    &epcl::kType,
      &registration::kType, &inventory::kType, &script::kType,
  };
  return kTypes;
}

const FileType* find_file_type(std::string_view id) {
  const auto types = file_types();
  const auto it =
      std::find_if(types.begin(), types.end(), [&](const FileType* t) { return t->id == id; });
  return it == types.end() ? nullptr : *it;
}

std::size_t find_field(std::span<const FieldDef> fields, std::string_view name) {
  const auto it =
      std::find_if(fields.begin(), fields.end(), [&](const FieldDef& f) { return f.name == name; });
  return it == fields.end() ? npos : static_cast<std::size_t>(it - fields.begin());
}

std::size_t find_group(std::span<const GroupDef> groups, std::string_view name) {
  const auto it =
      std::find_if(groups.begin(), groups.end(), [&](const GroupDef& g) { return g.name == name; });
  return it == groups.end() ? npos : static_cast<std::size_t>(it - groups.begin());
}

}  // namespace s1flow::codecs
