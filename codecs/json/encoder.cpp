#include "codecs/json/encoder.h"

#include "core/json_text.h"

namespace s1flow::codecs {

void JsonEncoder::leaf(const Leaf& leaf, const Value& value, std::string& out) const {
  std::string text;
  if (value.good())
    leaf.format.format(value, text);
  else
    text = value.text;
  const ValueKind kind = leaf.format.field->kind;
  const bool bare =
      value.good() && (kind == ValueKind::count ||
                       (kind == ValueKind::flag && (text == "true" || text == "false")));
  if (bare)
    out += text;
  else
    append_json_string(out, text);
}

bool JsonEncoder::members(const PlanNode& node, const Record& record, const GroupInstance* instance,
                          std::string& out) const {
  bool any = false;
  for (const std::uint32_t c : node.children) {
    const std::size_t mark = out.size();
    if (any) out.push_back(',');
    if (member(layout_->nodes[c], record, instance, out))
      any = true;
    else
      out.resize(mark);
  }
  return any;
}

bool JsonEncoder::member(const PlanNode& node, const Record& record, const GroupInstance* instance,
                         std::string& out) const {
  append_json_string(out, node.name);
  out.push_back(':');
  if (node.group_start >= 0) {
    const GroupStart& start = layout_->group_starts[static_cast<std::size_t>(node.group_start)];
    if (start.section != Section::record) return false;
    const bool nested = record.def().groups[start.group].parent != GroupDef::npos;
    const auto here = [&](const GroupInstance& inner) {
      return (!nested || inner.parent == instance) && start.takes(inner);
    };
    std::size_t count = 0;
    for (const GroupInstance& inner : record.group(start.group)) count += here(inner) ? 1 : 0;
    // Groups with codes of their own stand without a list, as long as there is one only.
    const bool list = start.presets.empty() || count > 1;
    count = 0;
    if (list) out.push_back('[');
    for (const GroupInstance& inner : record.group(start.group)) {
      if (!here(inner)) continue;
      if (count++ != 0) out.push_back(',');
      if (node.leaf >= 0) {
        const Leaf& l = layout_->leaves[static_cast<std::size_t>(node.leaf)];
        leaf(l, inner[l.field], out);
        continue;
      }
      out.push_back('{');
      members(node, record, &inner, out);
      out.push_back('}');
    }
    if (list) out.push_back(']');
    return count != 0;
  }
  if (node.leaf >= 0) {
    const Leaf& l = layout_->leaves[static_cast<std::size_t>(node.leaf)];
    if (l.section != Section::record) return false;
    const Value& value = l.group == npos ? record[l.field] : (*instance)[l.field];
    if (!value.present()) return false;
    leaf(l, value, out);
    return true;
  }
  out.push_back('{');
  const bool any = members(node, record, instance, out);
  out.push_back('}');
  return any;
}

void JsonEncoder::encode(std::span<const Record* const> records, ShareSealer*,
                         std::string& out) const {
  for (const Record* record : records) {
    out.push_back('{');
    members(layout_->nodes[0], *record, nullptr, out);
    out += "}\n";
  }
}

}  // namespace s1flow::codecs
