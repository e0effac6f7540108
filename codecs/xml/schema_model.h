#pragma once
// SchemaModel: what an XML Schema says about structure, in a form that our own code can walk:
// elements in their order, cardinalities, attributes, and the simple type behind each leaf. libxml2
// judges documents by the same schema (codecs/xml/schema.h); this model tells writers the order and
// layouts where their paths lead.
//
// Understood: global and local elements and attributes, references, named and anonymous types,
// sequence, choice, all, groups and attribute groups, any, extension and restriction, include and
// import, both forms of elementFormDefault. What it does not understand (substitution groups,
// redefine) is refused at load with the place, rather than read wrongly.
//
// Immutable after load; safe to share between threads.

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace s1flow::codecs {

inline constexpr std::uint32_t kUnbounded = std::numeric_limits<std::uint32_t>::max();

struct XmlName {
  std::string local;
  std::string ns;
  friend bool operator==(const XmlName&, const XmlName&) = default;
};

struct SchemaAttribute {
  XmlName name;
  bool required = false;
  bool fixed = false;    // `constant` is the only value
  std::string constant;  // fixed or default value; empty when none
  std::size_t simple_type = static_cast<std::size_t>(-1);  // none: any text
};

struct SchemaElement;

// A node of a content model.
struct SchemaParticle {
  enum class Kind : std::uint8_t { element, sequence, choice, all, any };
  Kind kind = Kind::sequence;
  std::uint32_t min = 1;
  std::uint32_t max = 1;
  std::vector<SchemaParticle> children;  // of sequence, choice, all
  std::size_t element = 0;               // index into SchemaModel::elements
  std::string any_namespace;             // as the schema spells it: "##other", a list of URIs …
  bool any_skips = false;                // what a wildcard matches is not looked into
};

// A facet as the schema states it; values are kept as text.
struct SchemaFacet {
  std::string name;  // pattern, enumeration, minLength, …
  std::string value;
  // Facets of one derivation step belong together: patterns and enumerations of a step are
  // alternatives, steps add up.
  std::uint32_t step = 0;
};

struct SchemaSimpleType {
  std::string builtin;  // local name of the XML Schema type that it ends at: "string", "dateTime" …
  std::vector<SchemaFacet> facets;
  bool list_or_union = false;
};

struct SchemaType {
  bool complex = false;
  bool mixed = false;
  std::size_t simple_type = 0;  // of simple types and simple content
  bool has_text = false;        // simple type or simple content
  std::vector<SchemaAttribute> attributes;
  bool any_attribute = false;
  std::optional<SchemaParticle> content;  // absent: empty content
};

struct SchemaElement {
  XmlName name;
  std::size_t type = 0;  // index into SchemaModel::types
  bool fixed = false;    // `constant` is the only value
  std::string constant;  // fixed or default value
  bool nillable = false;
  std::string where;  // "mcf.xsd:12"
};

// Gives the bytes of a schema document by its path; how paths are resolved is the giver's business.
using SchemaReader = std::function<Result<std::string>(const std::string& path)>;

class SchemaModel {
 public:
  // Reads the schema at `path` and everything that it includes or imports, relative to it.
  [[nodiscard]] static Result<std::shared_ptr<const SchemaModel>> load(const std::string& path,
                                                                       const SchemaReader& reader);

  std::vector<SchemaElement> elements;
  std::vector<SchemaType> types;
  std::vector<SchemaSimpleType> simple_types;
  std::vector<std::size_t> globals;  // global elements
  std::string target_namespace;
  bool has_identity_constraints = false;  // unique, key or keyref stand somewhere
  // The schema uses only what this model represents in full, so that who accepts by the model
  // accepts by the schema. Not so with abstract or blocked types, notations and their like.
  bool complete = true;

  [[nodiscard]] const SchemaElement* find_global(std::string_view local) const;
  [[nodiscard]] const SchemaType& type_of(const SchemaElement& e) const { return types[e.type]; }
  // Element particles directly inside `type`, in order, through nested sequences and choices.
  struct Child {
    const SchemaElement* element;
    std::uint32_t min;  // 0 as soon as a choice or an optional group stands around it
    std::uint32_t max;
  };
  [[nodiscard]] std::vector<Child> children_of(const SchemaType& type) const;
  [[nodiscard]] std::optional<Child> child_of(const SchemaType& type, std::string_view local) const;
};

// "dir/a.xsd" + "../b.xsd" = "b.xsd"; refuses to climb above the root or to leave it by a scheme or
// an absolute path.
[[nodiscard]] std::optional<std::string> resolve_relative(std::string_view base,
                                                          std::string_view relative);

}  // namespace s1flow::codecs
