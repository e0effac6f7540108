#include "codecs/layout/layout.h"

#include <algorithm>

#include "codecs/xml/compiled/tables.h"

namespace s1flow::codecs {

std::string_view name_of(Container container) {
  switch (container) {
    case Container::xml:
      return "xml";
    case Container::csv:
      return "csv";
    case Container::jsonl:
      return "jsonl";
  }
  return {};
}

bool GroupStart::takes(const GroupInstance& instance) const {
  const auto fits = [&](const Presets& codes) {
    return std::all_of(codes.begin(), codes.end(), [&](const auto& p) {
      return instance[p.first].good() && instance[p.first].lo == p.second;
    });
  };
  return fits(presets) && std::none_of(left_to_others.begin(), left_to_others.end(), fits);
}

bool Layout::maps(Section section, std::size_t field) const {
  return std::any_of(leaves.begin(), leaves.end(),
                     [&](const Leaf& l) {
                       return l.section == section && l.group == npos && l.field == field;
                     }) ||
         (section == Section::header && file_name.has(field));
}

bool Layout::maps_group(Section section, std::size_t group) const {
  return std::any_of(group_starts.begin(), group_starts.end(),
                     [&](const GroupStart& g) { return g.section == section && g.group == group; });
}

std::shared_ptr<const XmlTables> LazyXmlTables::of(const Layout& layout) const {
  std::call_once(once_, [&] { tables_ = XmlTables::compile(layout); });
  return tables_;
}

std::string Layout::name() const {
  return std::string(type->id) + "/" + version;
}

namespace {

constexpr std::string_view kLayouts = "layouts/";

// Where the shipped layouts of a type lie, or all of them.
std::string shipped_below(std::string_view type_id) {
  std::string below(kLayouts);
  if (!type_id.empty()) below.append(type_id).append("/");
  return below;
}

}  // namespace

Status LayoutSet::add_all(const std::shared_ptr<const SchemaSource>& source,
                          std::string_view below) {
  S1FLOW_TRY(std::vector<std::string> paths, source->list(".toml"));
  for (const std::string& path : paths) {
    if (!path.starts_with(below)) continue;
    S1FLOW_TRY(std::shared_ptr<const Layout> layout, load_layout(source, path));
    all_.push_back(std::move(layout));
  }
  return {};
}

Result<LayoutSet> LayoutSet::shipped(std::string_view type_id) {
  LayoutSet set;
  S1FLOW_TRY_VOID(set.add_all(shipped_schemas(), shipped_below(type_id)));
  return set;
}

Result<LayoutSet> LayoutSet::with_folder(const Path& folder, std::string_view type_id) {
  LayoutSet set;
  S1FLOW_TRY_VOID(set.add_all(folder_schemas(folder), kLayouts));
  if (set.all_.empty())
    return tl::unexpected(
        usage_error(folder.string() +
                    ": holds no layouts; they are looked for in layouts/<type>/<version>.toml"));
  S1FLOW_TRY_VOID(set.add_all(shipped_schemas(), shipped_below(type_id)));
  return set;
}

std::shared_ptr<const Layout> LayoutSet::preferred(std::string_view type_id) const {
  for (const auto& l : all_)
    if (l->type->id == type_id) return l;
  return nullptr;
}

std::shared_ptr<const Layout> LayoutSet::find(std::string_view name) const {
  for (const auto& l : all_)
    if (l->name() == name || l->type->id == name) return l;
  return nullptr;
}

std::shared_ptr<const Layout> LayoutSet::for_root(std::string_view local,
                                                  std::string_view ns) const {
  for (const auto& l : all_)
    if (l->container == Container::xml && l->root.local == local && l->root.ns == ns) return l;
  return nullptr;
}

}  // namespace s1flow::codecs
