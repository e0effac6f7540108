#include "codecs/crypto/element_shape.h"

#include <algorithm>

#include "codecs/crypto/xml_security_names.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {

std::optional<ElementShape::Elements> ElementShape::elements(const Node& parent) const {
  Elements found;
  for (const Node* node = xml_.child(parent); node != nullptr; node = xml_.next(*node)) {
    if (!node->is_element()) {
      if (!trim(node->text).empty()) return std::nullopt;
      continue;
    }
    if (found.count == kMostChildren) return std::nullopt;
    found.items[found.count++] = node;
  }
  return found;
}

bool ElementShape::children(const Node& parent, std::string_view uri,
                            std::span<const std::string_view> names,
                            std::span<const Node*> out) const {
  const auto found = elements(parent);
  if (!found || found->count != names.size() || out.size() != names.size()) return false;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!is((*found)[i], uri, names[i])) return false;
    out[i] = found->items[i];
  }
  return true;
}

const ElementShape::Node* ElementShape::only_child(const Node& parent, std::string_view uri,
                                                   std::string_view name) const {
  const auto found = elements(parent);
  return found && found->count == 1 && is((*found)[0], uri, name) ? found->items[0] : nullptr;
}

bool ElementShape::no_attributes(const Node& element) const {
  return xml_.attributes(element).empty();
}

std::optional<std::string_view> ElementShape::attribute(const Node& element,
                                                        std::string_view name) const {
  for (const SmallXml::Attribute& a : xml_.attributes(element))
    if (a.prefix.empty() && a.local == name) return a.value;
  return std::nullopt;
}

std::optional<std::string_view> ElementShape::only_attribute(const Node& element,
                                                             std::string_view name) const {
  return xml_.attributes(element).size() == 1 ? attribute(element, name) : std::nullopt;
}

bool ElementShape::attributes_within(const Node& element,
                                     std::span<const std::string_view> names) const {
  const auto all = xml_.attributes(element);
  return std::all_of(all.begin(), all.end(), [&](const SmallXml::Attribute& a) {
    return a.prefix.empty() && std::find(names.begin(), names.end(), a.local) != names.end();
  });
}

bool ElementShape::is_blank(const Node& element) const {
  const auto found = elements(element);
  return found && found->empty();
}

std::optional<std::string_view> ElementShape::text(const Node& element) const {
  const Node* node = xml_.child(element);
  if (node == nullptr) return std::string_view();
  // One run: nothing that could split text is let through by SmallXml.
  if (node->is_element() || xml_.next(*node) != nullptr) return std::nullopt;
  return node->text;
}

bool ElementShape::text(const Node& element, std::string& out) const {
  const auto found = text(element);
  if (found) out = *found;
  return found.has_value();
}

bool ElementShape::issuer_serial(const Node& key_info, std::string& issuer,
                                 std::string& serial) const {
  const Node* data = only_child(key_info, uri::kDs, "X509Data");
  if (data == nullptr || !no_attributes(*data)) return false;
  const Node* pair = only_child(*data, uri::kDs, "X509IssuerSerial");
  if (pair == nullptr || !no_attributes(*pair)) return false;
  static constexpr std::array<std::string_view, 2> kNames{"X509IssuerName", "X509SerialNumber"};
  std::array<const Node*, 2> parts;
  return children(*pair, uri::kDs, kNames, parts) && no_attributes(*parts[0]) &&
         no_attributes(*parts[1]) && text(*parts[0], issuer) && text(*parts[1], serial);
}

}  // namespace s1flow::codecs::crypto
