// What CanonicalDecoder learns from a document's start: the XML declaration, and how names are
// spelled in its prefixes.

#include <algorithm>
#include <cstring>

#include "codecs/xml/canonical_bytes.h"
#include "codecs/xml/canonical_decoder.h"

namespace s1flow::codecs {

using canonical_bytes::blanks_end;

// Spells the tables in the document's prefixes. An element whose namespace has several gets the
// root's, or the first; one that is written with another is not recognised.
void CanonicalDecoder::bind() {
  bound_ = true;
  memo_.clear();
  record_start_place_ = nullptr;
  records_seen_ = 0;
  elements_.assign(tables_->elements.size(), {});
  attributes_.assign(tables_->attributes.size(), {});
  const auto prefix_of = [&](const std::string& ns, bool attribute) -> const std::string* {
    static const std::string kEmpty;
    if (ns.empty()) {
      const bool hidden = !attribute && std::any_of(scope_.begin(), scope_.end(),
                                                    [](const auto& d) { return d.first.empty(); });
      return hidden ? nullptr : &kEmpty;
    }
    for (const auto& [prefix, uri] : scope_)
      if (uri == ns && !(attribute && prefix.empty())) return &prefix;
    return nullptr;
  };
  // Two passes: sizes first, since literals point into the pool.
  std::size_t size = kOverRead;
  for (const auto& e : tables_->elements)
    size += 2 * (e.name.local.size() + limits_.name_bytes + 4);
  for (const auto& a : tables_->attributes) size += a.name.local.size() + limits_.name_bytes + 4;
  pool_.clear();
  pool_.reserve(size);
  const auto put = [&](std::initializer_list<std::string_view> parts) {
    Literal literal{pool_.data() + pool_.size(), 0, 0};
    for (const std::string_view p : parts) {
      pool_.append(p);
      literal.size += p.size();
    }
    literal.mask = Literal::mask_of(literal.size);
    return literal;
  };
  for (std::size_t i = 0; i < elements_.size(); ++i) {
    const XmlTables::Element& e = tables_->elements[i];
    const std::string* prefix = e.name.local.empty() ? nullptr : prefix_of(e.name.ns, false);
    if (prefix == nullptr || prefix->size() + e.name.local.size() > limits_.name_bytes) continue;
    const std::string_view colon = prefix->empty() ? "" : ":";
    const bool plain = e.attributes_begin == e.attributes_end;
    elements_[i].open = put({"<", *prefix, colon, e.name.local, plain ? ">" : ""});
    elements_[i].close = put({"</", *prefix, colon, e.name.local, ">"});
    elements_[i].usable = true;
    elements_[i].plain = plain && e.content == XmlTables::Content::text && e.group == nullptr &&
                         !e.is_record && !e.holds_keys && e.share < 0 && !e.has_constant;
    if (!elements_[i].plain) continue;
    elements_[i].type = &tables_->types[e.type];
    elements_[i].leaf = e.leaf;
  }
  for (std::size_t i = 0; i < attributes_.size(); ++i) {
    const XmlName& name = tables_->attributes[i].name;
    const std::string* prefix = prefix_of(name.ns, true);
    if (prefix == nullptr || prefix->size() + name.local.size() > limits_.name_bytes) continue;
    attributes_[i] = put({" ", *prefix, prefix->empty() ? "" : ":", name.local, "=\""});
  }
  pool_.append(kOverRead, '\0');
  edges_.clear();
  edges_.reserve(tables_->edges.size());  // states point into it
  states_.clear();
  for (const XmlTables::State& state : tables_->states) {
    const BoundEdge* const begin = edges_.data() + edges_.size();
    for (std::uint32_t e = state.edges_begin; e < state.edges_end; ++e) {
      const XmlTables::Edge& edge = tables_->edges[e];
      const BoundElement& bound = elements_[edge.element];
      if (!bound.usable) continue;
      edges_.push_back(
          {bound.open, bound.open.bytes[bound.open.size - 1] == '>', edge.element, edge.to});
    }
    states_.push_back({begin, edges_.data() + edges_.size()});
  }
}

// An XML declaration in its usual spellings, or none.
bool CanonicalDecoder::prolog(Cursor& c) {
  for (const std::string_view declaration :
       {std::string_view(R"(<?xml version="1.0" encoding="UTF-8"?>)"),
        std::string_view(R"(<?xml version="1.0" encoding="utf-8"?>)"),
        std::string_view(R"(<?xml version="1.0"?>)")})
    if (std::strncmp(c.at, declaration.data(), declaration.size()) == 0) {
      c.at += declaration.size();
      c.at = blanks_end(c.at, c.line);
      break;
    }
  return *c.at == '<';
}

}  // namespace s1flow::codecs
