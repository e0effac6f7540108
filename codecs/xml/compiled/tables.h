#pragma once
// XmlTables: an XML layout with its schema, compiled for reading: for each element that a document
// may hold at a place, its attributes, its text type or the automaton of its content, and what the
// layout makes of it. CanonicalDecoder matches bytes against them.
//
// Compiling fails when the schema says something that the tables cannot represent; a single type
// that they cannot represent only makes its elements unknown, and so the chunks that hold them.
// Immutable; thread-safe.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "codecs/layout/layout.h"
#include "codecs/xml/compiled/text_type.h"

namespace s1flow::codecs {

struct XmlTables {
  static constexpr std::uint32_t kNone = static_cast<std::uint32_t>(-1);

  struct Attribute {
    XmlName name;
    std::uint32_t type = kNone;  // into types
    bool required = false;
    bool fixed = false;  // to `constant`
    std::string constant;
    const Leaf* leaf = nullptr;
  };

  enum class Content : std::uint8_t { nothing, text, elements };

  struct Element {
    XmlName name;
    Content content = Content::nothing;
    std::uint32_t type = kNone;         // of text
    std::uint32_t first_state = kNone;  // of elements
    bool has_constant = false;          // an empty text would stand for something else
    bool fixed = false;
    std::string constant;
    // In the order of canonical XML: by namespace, then by name.
    std::uint32_t attributes_begin = 0, attributes_end = 0;
    const Leaf* leaf = nullptr;
    const GroupStart* group = nullptr;
    bool is_record = false;
    bool holds_keys = false;  // Layout::keys_node
    std::int32_t share = -1;  // into Layout::shares
  };

  struct Edge {
    std::uint32_t element, to;
  };
  struct Wildcard {
    std::string ns;
    std::uint32_t to = 0;
  };
  struct State {
    std::uint32_t edges_begin = 0, edges_end = 0;
    std::uint32_t wildcards_begin = 0, wildcards_end = 0;
    bool accepting = false;
  };

  std::vector<TextType> types;
  std::vector<Attribute> attributes;
  std::vector<Element> elements;  // [0] is the root
  std::vector<Edge> edges;
  std::vector<Wildcard> wildcards;
  std::vector<State> states;

  // Null when the layout's schema goes past the tables. They point into `layout`.
  [[nodiscard]] static std::shared_ptr<const XmlTables> compile(const Layout& layout);
};

}  // namespace s1flow::codecs
