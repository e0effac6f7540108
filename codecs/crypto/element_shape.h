#pragma once
// ElementShape: questions about a SmallXml tree that is expected to have one exact shape, as
// signatures and encrypted keys are. White space between elements is passed over; all other text
// there is a refusal.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codecs/crypto/small_xml.h"

namespace s1flow::codecs::crypto {

class ElementShape {
 public:
  using Node = SmallXml::Node;
  static constexpr std::size_t kMostChildren = 20;

  explicit ElementShape(const SmallXml& xml) : xml_(xml) {}

  struct Elements {
    std::array<const Node*, kMostChildren> items{};
    std::size_t count = 0;
    [[nodiscard]] const Node* const* begin() const { return items.data(); }
    [[nodiscard]] const Node* const* end() const { return items.data() + count; }
    [[nodiscard]] std::size_t size() const { return count; }
    [[nodiscard]] bool empty() const { return count == 0; }
    const Node& operator[](std::size_t i) const { return *items[i]; }
  };
  // The child elements; nothing when there is text between them or there are more than
  // kMostChildren.
  [[nodiscard]] std::optional<Elements> elements(const Node& parent) const;
  // True when the child elements are exactly these, in this order, in one namespace.
  [[nodiscard]] bool children(const Node& parent, std::string_view uri,
                              std::span<const std::string_view> names,
                              std::span<const Node*> out) const;
  // The one child element, when it has this name; null otherwise.
  [[nodiscard]] const Node* only_child(const Node& parent, std::string_view uri,
                                       std::string_view name) const;
  [[nodiscard]] static bool is(const Node& element, std::string_view uri, std::string_view name) {
    return element.uri == uri && element.local == name;
  }

  [[nodiscard]] bool no_attributes(const Node& element) const;
  // The value of an attribute without namespace, when the element has no other.
  [[nodiscard]] std::optional<std::string_view> only_attribute(const Node& element,
                                                               std::string_view name) const;
  [[nodiscard]] std::optional<std::string_view> attribute(const Node& element,
                                                          std::string_view name) const;
  // True when every attribute is one of these, without namespace.
  [[nodiscard]] bool attributes_within(const Node& element,
                                       std::span<const std::string_view> names) const;

  // No content but white space.
  [[nodiscard]] bool is_blank(const Node& element) const;
  // The text of an element that holds text only.
  [[nodiscard]] std::optional<std::string_view> text(const Node& element) const;
  [[nodiscard]] bool text(const Node& element, std::string& out) const;

  // X509Data / X509IssuerSerial / X509IssuerName, X509SerialNumber as the only content.
  [[nodiscard]] bool issuer_serial(const Node& key_info, std::string& issuer,
                                   std::string& serial) const;

 private:
  const SmallXml& xml_;
};

}  // namespace s1flow::codecs::crypto
