#pragma once
// SmallXml: a strict reader for one small XML element given as raw bytes, as security elements
// (ds:Signature, xenc:EncryptedKey, xenc:EncryptedData) stand in a file that is otherwise streamed.
// It gives a flat tree with resolved namespaces, and the exclusive canonical form of any part.
//
// Refused, since none of these elements needs it and each has carried attacks: DOCTYPE, comments,
// processing instructions, CDATA sections, entities other than the five of XML, bytes after the
// element, more depth, attributes or size than the limits. What remains is checked for
// well-formedness (XML 1.0 fifth edition) and namespace well-formedness.
//
// One reader per worker, reused: a steady state allocates nothing. Views point into the bytes that
// were given or into the reader, and hold until the next read(). Not thread-safe.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/arena.h"

namespace s1flow::codecs::crypto {

// Prefix and namespace of declarations that are in scope where the element stands, outermost first
// (a later one hides an earlier one); the default namespace has an empty prefix.
using NamespaceContext = std::vector<std::pair<std::string, std::string>>;

enum class XmlFault : std::uint8_t {
  none,
  too_large,
  too_deep,
  too_many,  // attributes, namespaces or nodes
  encoding,  // not UTF-8, or a character that XML does not have
  doctype,
  comment,
  processing_instruction,
  cdata,
  entity,      // other than the five of XML, or a bad character reference
  name_space,  // undeclared prefix or misused declaration
  attribute_twice,
  malformed
};
[[nodiscard]] std::string_view text_of(XmlFault fault);

// Text and attribute values as every XML canonicalisation writes them (the value without its
// quotes).
void append_canonical_text(std::string& out, std::string_view text);
void append_canonical_attribute(std::string& out, std::string_view value);

class SmallXml {
 public:
  static constexpr std::size_t kMostDepth = 16;
  static constexpr std::size_t kMostAttributes = 32;  // of one element
  static constexpr std::size_t kMostNodes = 4096;
  static constexpr std::size_t kDefaultLimit = 64UL * 1024;

  struct Binding {
    std::string_view prefix;
    std::string_view uri;
  };
  struct Attribute {
    std::string_view prefix;
    std::string_view local;
    std::string_view uri;  // empty without a prefix
    std::string_view value;
  };
  using Index = std::uint32_t;
  static constexpr Index kNone = 0xFFFFFFFF;
  // An element, or a run of character data (local empty).
  struct Node {
    Index first_child = kNone;
    Index next = kNone;  // sibling
    Index attributes_begin = 0;
    Index attributes_end = 0;
    std::string_view prefix;
    std::string_view local;
    std::string_view uri;
    std::string_view text;
    [[nodiscard]] bool is_element() const { return !local.empty(); }
  };

  SmallXml() = default;
  SmallXml(const SmallXml&) = delete;
  SmallXml& operator=(const SmallXml&) = delete;

  // `bytes` and `context` must stay while the tree is used. White space around the element is
  // allowed.
  [[nodiscard]] XmlFault read(std::string_view bytes, const NamespaceContext& context,
                              std::size_t limit = kDefaultLimit);
  // Where the last read() found its fault.
  [[nodiscard]] std::size_t fault_offset() const { return at_; }

  [[nodiscard]] const Node& root() const { return nodes_.front(); }
  [[nodiscard]] const Node* child(const Node& parent) const { return at(parent.first_child); }
  [[nodiscard]] const Node* next(const Node& node) const { return at(node.next); }
  [[nodiscard]] std::span<const Attribute> attributes(const Node& element) const {
    return std::span(attributes_)
        .subspan(element.attributes_begin, element.attributes_end - element.attributes_begin);
  }

  // Exclusive XML Canonicalization 1.0 without comments of the part under `element`, taken out of
  // its document; no inclusive prefixes.
  void append_exclusive_c14n(const Node& element, std::string& out) const;

 private:
  [[nodiscard]] const Node* at(Index i) const { return i == kNone ? nullptr : &nodes_[i]; }

  XmlFault read_tree();
  XmlFault read_start_tag();
  XmlFault read_end_tag();
  XmlFault read_text();
  XmlFault read_attribute();
  XmlFault read_value(char quote, std::string_view& value);
  XmlFault read_reference(std::string& to);
  XmlFault refuse_markup() const;
  XmlFault resolve(Node& element, std::size_t first_binding);
  bool read_name(std::string_view& prefix, std::string_view& local);
  bool skip_blanks();
  [[nodiscard]] const Binding* find_binding(std::string_view prefix) const;
  void add_child(Index child);

  void append_element(const Node& element, std::string& out, std::vector<Binding>& shown) const;

  struct Open {
    Index node;
    Index last_child;
    std::size_t bindings;  // how many were in scope outside
    std::string_view prefix, local;
  };

  std::string_view bytes_;
  std::size_t at_ = 0;
  std::vector<Node> nodes_;
  std::vector<Attribute> attributes_;
  std::vector<Binding> bindings_;
  std::vector<Open> open_;
  std::string scratch_;
  Arena arena_;  // values that differ from their raw bytes
};

}  // namespace s1flow::codecs::crypto
