#include "codecs/xml/encoder.h"

#include <algorithm>

#include "codecs/xml/c14n.h"

namespace s1flow::codecs {

XmlEncoder::XmlEncoder(std::shared_ptr<const Layout> layout) : layout_(std::move(layout)) {
  std::size_t number = 0;
  for (const PlanNode& n : layout_->nodes) {
    // An attribute without a prefix is in no name space, whatever the default one is.
    if (n.ns.empty() || prefixes_.contains(n.ns)) continue;
    prefixes_[n.ns] = n.ns == layout_->root.ns ? layout_->prefix : "n" + std::to_string(++number);
  }
  std::vector<std::pair<std::string, std::string>> sorted;
  for (const auto& [ns, prefix] : prefixes_) sorted.emplace_back(prefix, ns);
  std::sort(sorted.begin(), sorted.end());
  for (const auto& [prefix, ns] : sorted) {
    declarations_ += prefix.empty() ? " xmlns=\"" : " xmlns:" + prefix + "=\"";
    append_c14n_attribute(declarations_, ns);
    declarations_ += '"';
  }
  for (const PlanNode& n : layout_->nodes) {
    const std::string name = qualified(n);
    tags_.push_back(n.attribute ? Tags{" " + name + "=\"", "\""}
                                : Tags{"<" + name, "</" + name + ">"});
  }
  for (std::uint32_t n = layout_->nodes[layout_->record_node].parent; n != 0;
       n = layout_->nodes[n].parent)
    containers_.insert(containers_.begin(), n);
}

std::string XmlEncoder::qualified(const PlanNode& node) const {
  if (node.ns.empty()) return node.name;
  const std::string& prefix = prefixes_.at(node.ns);
  return prefix.empty() ? node.name : prefix + ":" + node.name;
}

const Value* XmlEncoder::value_of(const Leaf& leaf, const Context& context) const {
  if (leaf.section != context.section) return nullptr;
  if (leaf.group == npos) return &(*context.record)[leaf.field];
  return context.instance == nullptr ? nullptr : &(*context.instance)[leaf.field];
}

bool XmlEncoder::attributes(const PlanNode& node, const Context& context, std::string& out) const {
  bool any = false;
  std::string text;
  for (const std::uint32_t c : node.children) {
    const PlanNode& a = layout_->nodes[c];
    if (!a.attribute) break;
    text.clear();
    bool present = false;
    if (a.leaf >= 0) {
      const Leaf& leaf = layout_->leaves[static_cast<std::size_t>(a.leaf)];
      const Value* value = value_of(leaf, context);
      present = value != nullptr && value->good();
      if (present) leaf.format.format(*value, text);
      any = any || present;
    }
    if (!present && a.has_constant) text = a.constant;
    if (!present && !a.has_constant && !a.required) continue;
    out += tags_[c].open;
    append_c14n_attribute(out, text);
    out += tags_[c].close;
  }
  return any;
}

bool XmlEncoder::element(std::uint32_t index, const Context& context, std::string& out) const {
  const PlanNode& node = layout_->nodes[index];
  if (node.share >= 0 && context.sealer != nullptr) return sealed(index, context, out);
  if (node.group_start < 0) return one(index, context, out);
  const GroupStart& start = layout_->group_starts[static_cast<std::size_t>(node.group_start)];
  if (start.section != context.section) return false;
  const std::size_t parent = context.record->def().groups[start.group].parent;
  bool any = false;
  for (const GroupInstance& instance : context.record->group(start.group)) {
    if (parent != GroupDef::npos && instance.parent != context.instance) continue;
    if (!start.takes(instance)) continue;
    Context inner = context;
    inner.instance = &instance;
    one(index, inner, out);
    any = true;
  }
  return any;
}

bool XmlEncoder::sealed(std::uint32_t index, const Context& context, std::string& out) const {
  Context plain = context;
  plain.sealer = nullptr;
  std::string text;
  if (!element(index, plain, text)) return false;
  // On its own the share has to name its name spaces; put back in place, they are superfluous and
  // do no harm.
  text.insert(tags_[index].open.size(), declarations_);
  context.sealer->seal(static_cast<std::size_t>(layout_->nodes[index].share),
                       context.record->ordinal, text, out);
  return true;
}

bool XmlEncoder::one(std::uint32_t index, const Context& context, std::string& out) const {
  const PlanNode& node = layout_->nodes[index];
  const std::size_t mark = out.size();
  out += tags_[index].open;
  bool any = attributes(node, context, out);
  out.push_back('>');
  if (node.leaf >= 0) {
    const Leaf& leaf = layout_->leaves[static_cast<std::size_t>(node.leaf)];
    const Value* value = value_of(leaf, context);
    if (value != nullptr && value->good()) {
      std::string text;
      leaf.format.format(*value, text);
      append_c14n_text(out, text);
      any = true;
    }
  } else if (node.has_constant) {
    append_c14n_text(out, node.constant);
    any = any || node.required;
  }
  if (index == layout_->keys_node) {
    out += context.keys;
    any = any || !context.keys.empty();
  }
  for (const std::uint32_t c : node.children)
    if (!layout_->nodes[c].attribute && element(c, context, out)) any = true;
  out += tags_[index].close;
  if (any || node.required || node.group_start >= 0) return any;
  out.resize(mark);
  return false;
}

void XmlEncoder::open_container(std::uint32_t index, const Context& context,
                                std::string& out) const {
  out += tags_[index].open;
  if (index == 0) out += declarations_;
  attributes(layout_->nodes[index], context, out);
  out += ">\n";
}

void XmlEncoder::begin(const Record& header, std::string_view keys, std::string& out) const {
  const Context context{.section = Section::header, .record = &header, .keys = keys};
  out += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  open_container(0, context, out);
  std::uint32_t at = 0;
  const auto up_to = [&](std::uint32_t stop) {
    for (const std::uint32_t c : layout_->nodes[at].children) {
      if (c == stop) break;
      if (!layout_->nodes[c].attribute && element(c, context, out)) out.push_back('\n');
    }
  };
  for (const std::uint32_t c : containers_) {
    up_to(c);
    open_container(c, context, out);
    at = c;
  }
  up_to(layout_->record_node);
}

void XmlEncoder::encode(std::span<const Record* const> records, ShareSealer* sealer,
                        std::string& out) const {
  for (const Record* record : records) {
    one(layout_->record_node, {.section = Section::record, .record = record, .sealer = sealer},
        out);
    out.push_back('\n');
  }
}

void XmlEncoder::end(const Record& trailer, std::string& out) const {
  const Context context{.section = Section::trailer, .record = &trailer};
  std::uint32_t inner = layout_->record_node;
  for (std::size_t i = containers_.size() + 1; i-- > 0;) {
    const std::uint32_t at = i == 0 ? 0 : containers_[i - 1];
    bool after = false;
    for (const std::uint32_t c : layout_->nodes[at].children) {
      if (after && !layout_->nodes[c].attribute && element(c, context, out)) out.push_back('\n');
      if (c == inner) after = true;
    }
    if (at != 0) {
      out += tags_[at].close;
      out.push_back('\n');
    }
    inner = at;
  }
}

void XmlEncoder::close(std::string& out) const {
  out += tags_[0].close;
  out.push_back('\n');
}

}  // namespace s1flow::codecs
