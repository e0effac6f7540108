#include "codecs/layout/plan_builder.h"

#include <algorithm>

#include <fmt/format.h>

namespace s1flow::codecs {

Status PlanBuilder::start(std::string_view root) {
  PlanNode node;
  node.required = true;
  if (layout_.container == Container::xml) {
    node.element = layout_.schema->find_global(root);
    if (node.element == nullptr)
      return tl::unexpected(
          usage_error(fmt::format("{} has no global element '{}'", layout_.schema_path, root)));
    node.name = node.element->name.local;
    node.ns = node.element->name.ns;
    layout_.root = node.element->name;
  }
  layout_.nodes.assign(1, node);
  return {};
}

Result<std::uint32_t> PlanBuilder::node_at(std::uint32_t base, std::string_view path) {
  if (path.empty()) return tl::unexpected(usage_error("an empty path"));
  std::uint32_t at = base;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view step = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    if (step == ".") continue;
    S1FLOW_TRY(at, child(at, step));
  }
  return at;
}

Result<std::uint32_t> PlanBuilder::child(std::uint32_t parent, std::string_view step) {
  const bool attribute = step.starts_with('@');
  const std::string_view name = attribute ? step.substr(1) : step;
  for (const std::uint32_t c : layout_.nodes[parent].children)
    if (layout_.nodes[c].name == name && layout_.nodes[c].attribute == attribute) return c;
  PlanNode node;
  node.name = name;
  node.attribute = attribute;
  node.parent = parent;
  if (layout_.container == Container::xml) {
    const PlanNode& above = layout_.nodes[parent];
    if (above.element == nullptr)
      return tl::unexpected(
          usage_error(fmt::format("path step '{}' stands below an attribute", step)));
    const SchemaType& type = layout_.schema->type_of(*above.element);
    if (attribute) {
      const auto it = std::find_if(type.attributes.begin(), type.attributes.end(),
                                   [&](const SchemaAttribute& a) { return a.name.local == name; });
      if (it == type.attributes.end())
        return tl::unexpected(
            usage_error(fmt::format("the schema gives no attribute '{}' to element '{}' ({})", name,
                                    above.name, above.element->where)));
      node.ns = it->name.ns;
      node.required = it->required;
    } else {
      const auto found = layout_.schema->child_of(type, name);
      if (!found)
        return tl::unexpected(
            usage_error(fmt::format("the schema has no element '{}' inside '{}' ({})", name,
                                    above.name, above.element->where)));
      node.element = found->element;
      node.ns = found->element->name.ns;
      node.required = found->min > 0;
    }
  }
  const auto index = static_cast<std::uint32_t>(layout_.nodes.size());
  node.order = static_cast<std::uint32_t>(layout_.nodes[parent].children.size());
  layout_.nodes.push_back(std::move(node));
  layout_.nodes[parent].children.push_back(index);
  return index;
}

Status PlanBuilder::finish() {
  if (layout_.container == Container::xml) complete(0, 0);
  return {};
}

void PlanBuilder::complete(std::uint32_t index, int depth) {
  const SchemaElement* element = layout_.nodes[index].element;
  if (element == nullptr || depth > 64) return;
  const SchemaType& type = layout_.schema->type_of(*element);
  if (!type.complex) return;
  const auto mapped = [&](const XmlName& name, bool attribute) {
    for (const std::uint32_t c : layout_.nodes[index].children)
      if (layout_.nodes[c].name == name.local && layout_.nodes[c].attribute == attribute) return c;
    return kNoNode;
  };
  const auto unwritable = [&](std::string_view what, std::string_view name) {
    if (layout_.unwritable.empty())
      layout_.unwritable = fmt::format(
          "the schema demands {} '{}' in '{}', which the layout neither maps nor gives as a "
          "constant",
          what, name, layout_.nodes[index].name);
  };
  const auto add = [&](PlanNode node) {
    node.parent = index;
    const auto at = static_cast<std::uint32_t>(layout_.nodes.size());
    layout_.nodes.push_back(std::move(node));
    layout_.nodes[index].children.push_back(at);
    return at;
  };
  std::uint32_t order = 0;
  for (const SchemaAttribute& a : type.attributes) {
    std::uint32_t node = mapped(a.name, true);
    if (node == kNoNode && a.required) {
      if (a.constant.empty())
        unwritable("the attribute", a.name.local);
      else
        node = add({.name = a.name.local,
                    .ns = a.name.ns,
                    .attribute = true,
                    .required = true,
                    .has_constant = true,
                    .constant = a.constant});
    }
  }
  // Canonical XML wants attributes by namespace, then by local name.
  std::vector<std::uint32_t> attributes;
  for (const std::uint32_t c : layout_.nodes[index].children)
    if (layout_.nodes[c].attribute) attributes.push_back(c);
  std::sort(attributes.begin(), attributes.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::pair(layout_.nodes[a].ns, layout_.nodes[a].name) <
           std::pair(layout_.nodes[b].ns, layout_.nodes[b].name);
  });
  for (const std::uint32_t a : attributes) layout_.nodes[a].order = order++;
  for (const SchemaModel::Child& c : layout_.schema->children_of(type)) {
    std::uint32_t node = mapped(c.element->name, false);
    if (node == kNoNode && c.min > 0) {
      const SchemaType& inner = layout_.schema->type_of(*c.element);
      if (!inner.complex && c.element->constant.empty()) {
        unwritable("the element", c.element->name.local);
        continue;
      }
      node = add({.name = c.element->name.local,
                  .ns = c.element->name.ns,
                  .required = true,
                  .has_constant = !c.element->constant.empty(),
                  .constant = c.element->constant,
                  .element = c.element});
    }
    if (node == kNoNode) continue;
    layout_.nodes[node].order = order++;
    complete(node, depth + 1);
  }
  auto& children = layout_.nodes[index].children;
  std::stable_sort(children.begin(), children.end(), [&](std::uint32_t a, std::uint32_t b) {
    return layout_.nodes[a].order < layout_.nodes[b].order;
  });
}

}  // namespace s1flow::codecs
