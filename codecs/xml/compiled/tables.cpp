#include "codecs/xml/compiled/tables.h"

#include <algorithm>
#include <map>
#include <optional>

#include "codecs/xml/chunk_parser.h"
#include "codecs/xml/compiled/content_model.h"

namespace s1flow::codecs {
namespace {

constexpr std::size_t kMostElements = 20'000;

class Compiler {
 public:
  Compiler(const Layout& layout, XmlTables& tables)
      : layout_(layout), schema_(*layout.schema), tables_(tables) {}

  bool run() {
    const PlanNode& root = layout_.nodes[0];
    if (root.element == nullptr) return false;
    const auto index = static_cast<std::size_t>(root.element - schema_.elements.data());
    (void)element_for(index, 0);
    // Elements are entered into the table when somebody first leads to them.
    for (std::size_t done = 0; done < pending_.size(); ++done) {
      if (pending_.size() > kMostElements) return false;
      fill(done);
    }
    return usable(0);
  }

 private:
  struct Pending {
    std::size_t element;
    std::uint32_t node;
  };

  std::uint32_t element_for(std::size_t element, std::uint32_t node) {
    const auto [it, added] = known_.try_emplace({element, node}, pending_.size());
    if (added) {
      pending_.push_back({element, node});
      tables_.elements.emplace_back();
    }
    return static_cast<std::uint32_t>(it->second);
  }

  [[nodiscard]] bool usable(std::size_t index) const {
    return !tables_.elements[index].name.local.empty();
  }

  // An element that cannot be represented stays without a name: nothing matches it.
  void fill(std::size_t index) {
    const auto [schema_index, node_index] = pending_[index];
    const SchemaElement& declared = schema_.elements[schema_index];
    const SchemaType& type = schema_.type_of(declared);
    XmlTables::Element element;
    element.name = declared.name;
    // Signatures and encrypted data have readers of their own.
    if (element.name.ns == kDsNamespace || element.name.ns == kXencNamespace) return;
    if (type.mixed || declared.nillable) return;
    element.has_constant = !declared.constant.empty();
    element.fixed = declared.fixed;
    element.constant = declared.constant;
    if (node_index != kNoNode) map(node_index, element);
    if (type.has_text) {
      element.content = XmlTables::Content::text;
      const auto text_type = type_for(type.simple_type);
      if (!text_type) return;
      element.type = *text_type;
    } else {
      if (element.leaf != nullptr) return;
      if (element.has_constant) return;
      if (type.content) {
        element.content = XmlTables::Content::elements;
        const auto states = content_of(declared.type, *type.content, node_index);
        if (!states) return;
        element.first_state = *states;
      }
    }
    if (!add_attributes(type, node_index, element)) return;
    tables_.elements[index] = std::move(element);
  }

  void map(std::uint32_t node_index, XmlTables::Element& element) const {
    const PlanNode& node = layout_.nodes[node_index];
    if (node.leaf >= 0) element.leaf = &layout_.leaves[static_cast<std::size_t>(node.leaf)];
    if (node.group_start >= 0)
      element.group = &layout_.group_starts[static_cast<std::size_t>(node.group_start)];
    element.is_record = node_index == layout_.record_node;
    element.holds_keys = node_index == layout_.keys_node;
    element.share = node.share;
  }

  [[nodiscard]] std::optional<std::uint32_t> type_for(std::size_t simple) {
    const auto [it, added] = types_.try_emplace(simple, std::nullopt);
    if (added) {
      if (auto compiled = TextType::compile(schema_.simple_types[simple])) {
        it->second = static_cast<std::uint32_t>(tables_.types.size());
        tables_.types.push_back(std::move(*compiled));
      }
    }
    return it->second;
  }

  [[nodiscard]] std::uint32_t child_node(std::uint32_t parent, const XmlName& name) const {
    if (parent == kNoNode) return kNoNode;
    std::uint32_t found = kNoNode;
    for (const std::uint32_t c : layout_.nodes[parent].children) {
      const PlanNode& n = layout_.nodes[c];
      if (!n.attribute && n.name == name.local && n.ns == name.ns) found = c;
    }
    return found;
  }

  std::optional<std::uint32_t> content_of(std::size_t type, const SchemaParticle& particle,
                                          std::uint32_t node) {
    auto [it, added] = models_.try_emplace(type);
    if (added) it->second = ContentModel::compile(schema_, particle);
    if (!it->second) return std::nullopt;
    const ContentModel& model = *it->second;
    const auto first = static_cast<std::uint32_t>(tables_.states.size());
    for (const ContentModel::State& s : model.states) {
      XmlTables::State state;
      state.accepting = s.accepting;
      state.edges_begin = static_cast<std::uint32_t>(tables_.edges.size());
      for (const ContentModel::Edge& e : s.edges)
        tables_.edges.push_back(
            {element_for(e.element, child_node(node, schema_.elements[e.element].name)),
             first + e.to});
      state.edges_end = static_cast<std::uint32_t>(tables_.edges.size());
      state.wildcards_begin = static_cast<std::uint32_t>(tables_.wildcards.size());
      for (const ContentModel::Wildcard& w : s.wildcards)
        tables_.wildcards.push_back({w.ns, first + w.to});
      state.wildcards_end = static_cast<std::uint32_t>(tables_.wildcards.size());
      tables_.states.push_back(state);
    }
    return first;
  }

  bool add_attributes(const SchemaType& type, std::uint32_t node, XmlTables::Element& element) {
    std::vector<XmlTables::Attribute> all;
    for (const SchemaAttribute& a : type.attributes) {
      XmlTables::Attribute attribute;
      attribute.name = a.name;
      attribute.required = a.required;
      attribute.fixed = a.fixed;
      attribute.constant = a.constant;
      if (a.simple_type != static_cast<std::size_t>(-1))
        if (const auto known = type_for(a.simple_type)) attribute.type = *known;
      // One that has to be there and cannot be judged makes its element unknown.
      if (attribute.type == XmlTables::kNone) {
        if (a.required) return false;
        continue;
      }
      if (node != kNoNode)
        for (const std::uint32_t c : layout_.nodes[node].children) {
          const PlanNode& n = layout_.nodes[c];
          if (n.attribute && n.leaf >= 0 && n.name == a.name.local && n.ns == a.name.ns)
            attribute.leaf = &layout_.leaves[static_cast<std::size_t>(n.leaf)];
        }
      all.push_back(std::move(attribute));
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
      return std::pair(a.name.ns, a.name.local) < std::pair(b.name.ns, b.name.local);
    });
    element.attributes_begin = static_cast<std::uint32_t>(tables_.attributes.size());
    for (XmlTables::Attribute& a : all) tables_.attributes.push_back(std::move(a));
    element.attributes_end = static_cast<std::uint32_t>(tables_.attributes.size());
    return true;
  }

  const Layout& layout_;
  const SchemaModel& schema_;
  XmlTables& tables_;
  std::vector<Pending> pending_;
  std::map<std::pair<std::size_t, std::uint32_t>, std::size_t> known_;
  std::map<std::size_t, std::optional<std::uint32_t>> types_;
  std::map<std::size_t, std::optional<ContentModel>> models_;
};

}  // namespace

std::shared_ptr<const XmlTables> XmlTables::compile(const Layout& layout) {
  if (layout.container != Container::xml || !layout.schema || layout.nodes.empty()) return nullptr;
  if (!layout.schema->complete || layout.schema->has_identity_constraints) return nullptr;
  auto tables = std::make_shared<XmlTables>();
  if (!Compiler(layout, *tables).run()) return nullptr;
  return tables;
}

}  // namespace s1flow::codecs
