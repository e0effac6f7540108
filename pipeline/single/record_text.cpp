#include "pipeline/single/record_text.h"

#include <fmt/format.h>

#include "codecs/layout/value_format.h"
#include "codecs/record_builder.h"
#include "core/text.h"

namespace s1flow::pipeline {
namespace {

void append_group(std::vector<FieldText>& out, const codecs::RecordDef& def,
                  const codecs::Record& record, std::size_t group,
                  const codecs::GroupInstance* parent, const std::string& prefix, Secrets secrets) {
  const codecs::GroupDef& g = def.groups[group];
  std::size_t number = 0;
  for (const codecs::GroupInstance& instance : record.group(group)) {
    if (instance.parent != parent) continue;
    const std::string path = fmt::format("{}{}[{}]", prefix, g.name, ++number);
    for (std::size_t f = 0; f < g.fields.size(); ++f)
      if (instance[f].present())
        out.push_back({.path = fmt::format("{}.{}", path, g.fields[f].name),
                       .text = value_text(g.fields[f], instance[f], secrets),
                       .secret = g.fields[f].secret});
    for (std::size_t inner = 0; inner < def.groups.size(); ++inner)
      if (def.groups[inner].parent == group)
        append_group(out, def, record, inner, &instance, path + ".", secrets);
  }
}

}  // namespace

std::string value_text(const codecs::FieldDef& field, const codecs::Value& value, Secrets secrets) {
  if (!value.present()) return {};
  if (field.secret && secrets == Secrets::masked)
    return fmt::format("(secret, {} bytes)", value.text.size());
  if (!value.good()) return std::string(value.text);
  codecs::ValueFormat format;
  format.field = &field;
  format.time_format = field.kind == codecs::ValueKind::date ? "%Y-%m-%d" : "%Y-%m-%dT%H:%M:%S%fZ";
  for (std::size_t i = 0; i < field.codes.size(); ++i)
    format.codes.emplace_back(std::string(field.codes[i]), i);
  if (field.kind == codecs::ValueKind::flag) format.codes = {{"no", 0}, {"yes", 1}};
  std::string text;
  format.format(value, text);
  return text;
}

std::vector<FieldText> field_texts(const codecs::RecordDef& def, const codecs::Record& record,
                                   Secrets secrets) {
  std::vector<FieldText> out;
  for (std::size_t f = 0; f < def.fields.size(); ++f)
    if (record[f].present())
      out.push_back({.path = std::string(def.fields[f].name),
                     .text = value_text(def.fields[f], record[f], secrets),
                     .secret = def.fields[f].secret});
  for (std::size_t g = 0; g < def.groups.size(); ++g)
    if (def.groups[g].parent == codecs::GroupDef::npos)
      append_group(out, def, record, g, nullptr, {}, secrets);
  return out;
}

std::string record_key(const codecs::FileType& type, const codecs::Record& record) {
  return codecs::record_name(type, record);
}

}  // namespace s1flow::pipeline
