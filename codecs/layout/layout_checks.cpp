#include "codecs/layout/layout_checks.h"

#include <algorithm>

#include <fmt/format.h>

#include "codecs/crypto/xml_security_names.h"

namespace s1flow::codecs {
namespace {

// The nearest node above that starts an instance; instances of one of them are told apart together.
std::uint32_t enclosing_start(const Layout& layout, std::uint32_t node) {
  do {
    node = layout.nodes[node].parent;
  } while (node != kNoNode && layout.nodes[node].group_start < 0);
  return node;
}

bool says_more(const Presets& some, const Presets& other) {
  return some.size() > other.size() && std::all_of(other.begin(), other.end(), [&](const auto& p) {
           return std::find(some.begin(), some.end(), p) != some.end();
         });
}

void settle_groups(Layout& layout) {
  for (GroupStart& a : layout.group_starts)
    for (const GroupStart& b : layout.group_starts)
      if (a.section == b.section && a.group == b.group && says_more(b.presets, a.presets) &&
          enclosing_start(layout, a.node) == enclosing_start(layout, b.node))
        a.left_to_others.push_back(b.presets);
}

void number_columns(Layout& layout) {
  const auto start_of = [&](const CsvColumn& c) {
    return &layout.group_starts[static_cast<std::size_t>(c.group_start)];
  };
  for (CsvColumn& c : layout.columns) {
    if (c.group_start < 0 || !layout.leaves[static_cast<std::size_t>(c.leaf)].list.empty())
      continue;
    c.instance = 0;
    for (const CsvColumn& before : layout.columns) {
      if (&before == &c) break;
      if (before.group_start >= 0 && start_of(before)->group == start_of(c)->group &&
          start_of(before)->presets == start_of(c)->presets)
        ++c.instance;
    }
  }
}

// Where elements of several name spaces (or of none) meet, the target's cannot be the default one.
void pick_prefix(Layout& layout) {
  const bool foreign =
      std::any_of(layout.nodes.begin(), layout.nodes.end(),
                  [&](const PlanNode& n) { return !n.attribute && n.ns != layout.root.ns; });
  const bool attribute = std::any_of(
      layout.nodes.begin(), layout.nodes.end(),
      [&](const PlanNode& n) { return n.attribute && !n.ns.empty() && n.ns == layout.root.ns; });
  if ((foreign || attribute) && layout.prefix.empty() && !layout.root.ns.empty())
    layout.prefix = "m";
}

Status check_section(const Layout& layout, Section section, const RecordDef& def) {
  static constexpr std::string_view kNames[] = {"header", "record", "trailer"};
  const std::string_view where = kNames[static_cast<std::size_t>(section)];
  for (std::size_t i = 0; i < def.fields.size(); ++i)
    if (def.fields[i].need == Need::essential && !layout.maps(section, i))
      return tl::unexpected(usage_error(
          fmt::format("no place is given for '{}', without which a {} cannot be used; add it to "
                      "[{}]",
                      def.fields[i].name, layout.type->id, where)));
  for (std::size_t g = 0; g < def.groups.size(); ++g) {
    if (!layout.maps_group(section, g)) continue;
    for (std::size_t i = 0; i < def.groups[g].fields.size(); ++i) {
      if (def.groups[g].fields[i].need != Need::essential) continue;
      const bool leaf = std::any_of(layout.leaves.begin(), layout.leaves.end(), [&](const Leaf& l) {
        return l.section == section && l.group == g && l.field == i;
      });
      const bool preset = std::any_of(
          layout.group_starts.begin(), layout.group_starts.end(), [&](const GroupStart& s) {
            return s.section == section && s.group == g &&
                   std::any_of(s.presets.begin(), s.presets.end(),
                               [&](const auto& p) { return p.first == i; });
          });
      if (!leaf && !preset)
        return tl::unexpected(usage_error(fmt::format(
            "no place is given for '{}' of group '{}'; add it to [{}.{}]",
            def.groups[g].fields[i].name, def.groups[g].name, where, def.groups[g].name)));
    }
  }
  return {};
}

const SchemaSimpleType* text_type(const Layout& layout, const PlanNode& node) {
  if (!node.attribute) {
    if (node.element == nullptr) return nullptr;
    const SchemaType& type = layout.schema->type_of(*node.element);
    return type.has_text && !type.mixed ? &layout.schema->simple_types[type.simple_type] : nullptr;
  }
  const SchemaElement* parent = layout.nodes[node.parent].element;
  if (parent == nullptr) return nullptr;
  for (const SchemaAttribute& a : layout.schema->type_of(*parent).attributes)
    if (a.name.local == node.name && a.simple_type < layout.schema->simple_types.size())
      return &layout.schema->simple_types[a.simple_type];
  return nullptr;
}

// Where the schema lists the texts, each code has to be one of them; codes that the layout leaves
// to their own names may be missing from it, as they then never occur.
Status check_codes(const Layout& layout) {
  if (layout.container != Container::xml) return {};
  for (const PlanNode& node : layout.nodes) {
    if (node.leaf < 0) continue;
    const Leaf& leaf = layout.leaves[static_cast<std::size_t>(node.leaf)];
    if (leaf.format.field->kind != ValueKind::code) continue;
    const SchemaSimpleType* type = text_type(layout, node);
    if (type == nullptr || type->list_or_union) continue;
    const auto listed = [&](std::string_view text) {
      return std::any_of(type->facets.begin(), type->facets.end(), [&](const SchemaFacet& f) {
        return f.name == "enumeration" && f.value == text;
      });
    };
    const bool closed = std::any_of(type->facets.begin(), type->facets.end(),
                                    [](const SchemaFacet& f) { return f.name == "enumeration"; });
    if (!closed) continue;
    for (const auto& [text, code] : leaf.format.codes)
      if (!listed(text) && text != leaf.format.field->codes[code])
        return tl::unexpected(
            usage_error(fmt::format("codes: '{}' is none of the texts that {} lists for '{}'", text,
                                    layout.schema_path, node.name)));
  }
  return {};
}

// Whether content by the particle may end with an element of the namespace that a wildcard names.
bool ends_with_any(const SchemaParticle& particle, std::string_view ns) {
  if (particle.max == 0) return false;
  if (particle.kind == SchemaParticle::Kind::sequence)
    return !particle.children.empty() && ends_with_any(particle.children.back(), ns);
  if (particle.kind != SchemaParticle::Kind::any) return false;
  for (std::string_view rest = particle.any_namespace; !rest.empty();) {
    const std::size_t blank = rest.find(' ');
    if (rest.substr(0, blank) == ns) return true;
    rest = blank == std::string_view::npos ? std::string_view() : rest.substr(blank + 1);
  }
  return false;
}

}  // namespace

bool has_room_for_signature(const Layout& layout) {
  const SchemaType& type = layout.schema->type_of(*layout.nodes[layout.record_node].element);
  return type.content && ends_with_any(*type.content, crypto::uri::kDs);
}

Status finish_layout(Layout& layout) {
  settle_groups(layout);
  number_columns(layout);
  if (layout.container == Container::xml) pick_prefix(layout);
  S1FLOW_TRY_VOID(check_section(layout, Section::header, layout.type->header));
  S1FLOW_TRY_VOID(check_section(layout, Section::record, layout.type->record));
  S1FLOW_TRY_VOID(check_section(layout, Section::trailer, layout.type->trailer));
  return check_codes(layout);
}

}  // namespace s1flow::codecs
