#include "codecs/xml/schema_model.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#include "core/text.h"

namespace s1flow::codecs {
namespace {

constexpr std::string_view kXs = "http://www.w3.org/2001/XMLSchema";

std::string_view text_of(const xmlChar* s) {
  return s == nullptr ? std::string_view() : reinterpret_cast<const char*>(s);
}

struct DocFree {
  void operator()(xmlDoc* d) const { xmlFreeDoc(d); }
};

// One schema document: where names in it live.
struct Document {
  std::unique_ptr<xmlDoc, DocFree> doc;
  std::string path;
  std::string target;
  bool elements_qualified = false;
  bool attributes_qualified = false;
};

struct Definition {
  const xmlNode* node = nullptr;
  const Document* document = nullptr;
};

std::string attribute(const xmlNode* node, const char* name) {
  for (const xmlAttr* a = node->properties; a != nullptr; a = a->next)
    if (a->ns == nullptr && text_of(a->name) == name)
      return std::string(a->children == nullptr ? std::string_view()
                                                : text_of(a->children->content));
  return {};
}

bool is_xs(const xmlNode* node, std::string_view local) {
  return node->type == XML_ELEMENT_NODE && text_of(node->name) == local && node->ns != nullptr &&
         text_of(node->ns->href) == kXs;
}

const xmlNode* first_element(const xmlNode* node) {
  for (const xmlNode* c = node->children; c != nullptr; c = c->next)
    if (c->type == XML_ELEMENT_NODE) return c;
  return nullptr;
}

const xmlNode* child_named(const xmlNode* node, std::string_view local) {
  for (const xmlNode* c = node->children; c != nullptr; c = c->next)
    if (is_xs(c, local)) return c;
  return nullptr;
}

// What this model represents, element by element: its attributes beside `id`, blank-separated.
constexpr std::pair<std::string_view, std::string_view> kUnderstood[] = {
    {"schema", "targetNamespace elementFormDefault attributeFormDefault version"},
    {"include", "schemaLocation"},
    {"import", "namespace schemaLocation"},
    {"element", "name type ref minOccurs maxOccurs fixed default nillable form"},
    {"complexType", "name mixed"},
    {"simpleType", "name"},
    {"simpleContent", ""},
    {"complexContent", ""},
    {"restriction", "base"},
    {"extension", "base"},
    {"sequence", "minOccurs maxOccurs"},
    {"choice", "minOccurs maxOccurs"},
    {"all", "minOccurs maxOccurs"},
    {"group", "name ref minOccurs maxOccurs"},
    {"any", "namespace processContents minOccurs maxOccurs"},
    {"attribute", "name type ref use form fixed default"},
    {"attributeGroup", "name ref"},
    {"anyAttribute", "namespace processContents"},
    {"list", "itemType"},
    {"union", "memberTypes"},
    {"unique", "name"},
    {"key", "name"},
    {"keyref", "name refer"},
    {"selector", "xpath"},
    {"field", "xpath"},
    {"pattern", "value"},
    {"enumeration", "value"},
    {"length", "value"},
    {"minLength", "value"},
    {"maxLength", "value"},
    {"minInclusive", "value"},
    {"maxInclusive", "value"},
    {"minExclusive", "value"},
    {"maxExclusive", "value"},
    {"whiteSpace", "value"},
    {"totalDigits", "value"},
    {"fractionDigits", "value"},
};

bool has_word(std::string_view words, std::string_view word) {
  for (std::size_t at = 0; at <= words.size();) {
    const std::size_t end = std::min(words.find(' ', at), words.size());
    if (words.substr(at, end - at) == word) return true;
    at = end + 1;
  }
  return false;
}

// Whether a schema document says nothing that goes past the model.
bool is_understood(const xmlNode* node) {
  if (is_xs(node, "annotation")) return true;
  const auto* known = std::find_if(std::begin(kUnderstood), std::end(kUnderstood),
                                   [&](const auto& k) { return is_xs(node, k.first); });
  if (known == std::end(kUnderstood)) return false;
  for (const xmlAttr* a = node->properties; a != nullptr; a = a->next) {
    if (a->ns != nullptr) continue;  // says nothing to a schema processor
    if (text_of(a->name) != "id" && !has_word(known->second, text_of(a->name))) return false;
    // Blanks that a schema processor passes over, and references, would be read differently here.
    if (a->children != nullptr && a->children->next != nullptr) return false;
    const std::string_view value = a->children == nullptr ? "" : text_of(a->children->content);
    if (text_of(a->name) != "value" && (value.empty() || value != trim(value))) return false;
  }
  // An import without a namespace brings names that this model would take for the importer's.
  if (is_xs(node, "import") && attribute(node, "namespace").empty()) return false;
  for (const xmlNode* c = node->children; c != nullptr; c = c->next)
    if (c->type == XML_ELEMENT_NODE && !is_understood(c)) return false;
  return true;
}

class Builder {
 public:
  Builder(SchemaModel& model, const SchemaReader& reader) : model_(model), reader_(reader) {
    model_.simple_types.push_back({.builtin = "anySimpleType"});
  }

  Status run(const std::string& path) {
    S1FLOW_TRY_VOID(load(path, std::nullopt));
    model_.target_namespace = documents_.front()->target;
    for (const auto& [name, definition] : elements_) {
      S1FLOW_TRY(const std::size_t index, element_of(definition));
      model_.globals.push_back(index);
    }
    return {};
  }

 private:
  using Key = std::pair<std::string, std::string>;  // namespace, local name

  [[nodiscard]] Error fault(const Definition& at, std::string_view what) const {
    return usage_error(fmt::format("{}:{}: {}", at.document->path, xmlGetLineNo(at.node), what));
  }

  // `chameleon`: the namespace that an including document lends to an included one without its own.
  Status load(const std::string& path, const std::optional<std::string>& chameleon) {
    if (!loaded_.insert(path).second) return {};
    S1FLOW_TRY(const std::string bytes, reader_(path));
    if (bytes.find("<!DOCTYPE") != std::string::npos)
      return tl::unexpected(
          usage_error(path + ": a schema with a DOCTYPE is not read; take the DOCTYPE out"));
    auto document = std::make_unique<Document>();
    document->path = path;
    document->doc.reset(xmlReadMemory(bytes.data(), static_cast<int>(bytes.size()), path.c_str(),
                                      nullptr,
                                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
    const xmlNode* root = document->doc ? xmlDocGetRootElement(document->doc.get()) : nullptr;
    if (root == nullptr || !is_xs(root, "schema"))
      return tl::unexpected(usage_error(path + ": is not a well-formed XML Schema"));
    document->target = attribute(root, "targetNamespace");
    if (document->target.empty() && chameleon) document->target = *chameleon;
    document->elements_qualified = attribute(root, "elementFormDefault") == "qualified";
    document->attributes_qualified = attribute(root, "attributeFormDefault") == "qualified";
    model_.complete = model_.complete && is_understood(root);
    const Document* at = document.get();
    documents_.push_back(std::move(document));
    for (const xmlNode* n = root->children; n != nullptr; n = n->next) {
      if (n->type != XML_ELEMENT_NODE) continue;
      S1FLOW_TRY_VOID(load_top(n, *at));
    }
    return {};
  }

  Status load_top(const xmlNode* n, const Document& at) {
    const Definition here{n, &at};
    const Key key{at.target, attribute(n, "name")};
    if (is_xs(n, "element")) {
      if (!attribute(n, "substitutionGroup").empty())
        return tl::unexpected(fault(here, "substitutionGroup is not supported"));
      elements_[key] = here;
    } else if (is_xs(n, "complexType") || is_xs(n, "simpleType")) {
      types_[key] = here;
    } else if (is_xs(n, "group")) {
      groups_[key] = here;
    } else if (is_xs(n, "attributeGroup")) {
      attribute_groups_[key] = here;
    } else if (is_xs(n, "attribute")) {
      attributes_[key] = here;
    } else if (is_xs(n, "include") || is_xs(n, "import")) {
      const std::string location = attribute(n, "schemaLocation");
      if (location.empty()) return {};  // an import that only names a namespace
      const auto path = resolve_relative(at.path, location);
      if (!path)
        return tl::unexpected(
            fault(here, "schemaLocation leads out of the schema's folder: " + location));
      const bool include = is_xs(n, "include");
      return load(*path, include ? std::optional(at.target) : std::nullopt).map_error([&](Error e) {
        return std::move(e).at(fmt::format("{}:{}", at.path, xmlGetLineNo(n)));
      });
    } else if (is_xs(n, "redefine")) {
      return tl::unexpected(fault(here, "redefine is not supported"));
    }
    return {};
  }

  // A QName in an attribute value, by the namespaces in scope.
  [[nodiscard]] Key resolve(const Definition& at, const std::string& qname) const {
    const std::size_t colon = qname.find(':');
    const std::string prefix = colon == std::string::npos ? "" : qname.substr(0, colon);
    const std::string local = colon == std::string::npos ? qname : qname.substr(colon + 1);
    const xmlNs* ns =
        xmlSearchNs(at.document->doc.get(), const_cast<xmlNode*>(at.node),
                    prefix.empty() ? nullptr : reinterpret_cast<const xmlChar*>(prefix.c_str()));
    std::string uri(ns == nullptr ? std::string_view() : text_of(ns->href));
    // A chameleon include: unprefixed names mean the namespace it was lent.
    if (uri.empty() && prefix.empty()) uri = at.document->target;
    return {uri, local};
  }

  Result<std::size_t> element_of(const Definition& at) {
    if (const auto it = element_index_.find(at.node); it != element_index_.end()) return it->second;
    const std::size_t index = model_.elements.size();
    element_index_[at.node] = index;
    model_.elements.emplace_back();
    const bool global = at.node->parent != nullptr && is_xs(at.node->parent, "schema");
    const std::string form = attribute(at.node, "form");
    const bool qualified =
        global || (form.empty() ? at.document->elements_qualified : form == "qualified");
    SchemaElement element;
    element.name = {attribute(at.node, "name"), qualified ? at.document->target : std::string()};
    element.where = fmt::format("{}:{}", at.document->path, xmlGetLineNo(at.node));
    element.constant = attribute(at.node, "fixed");
    element.fixed = !element.constant.empty();
    if (element.constant.empty()) element.constant = attribute(at.node, "default");
    element.nillable = attribute(at.node, "nillable") == "true";
    for (const char* constraint : {"unique", "key", "keyref"})
      if (child_named(at.node, constraint) != nullptr) model_.has_identity_constraints = true;
    const std::string type_name = attribute(at.node, "type");
    if (!type_name.empty()) {
      S1FLOW_TRY(element.type, named_type(at, type_name));
    } else if (const xmlNode* inner = child_named(at.node, "complexType"); inner != nullptr) {
      S1FLOW_TRY(element.type, type_of({inner, at.document}));
    } else if (const xmlNode* simple = child_named(at.node, "simpleType"); simple != nullptr) {
      S1FLOW_TRY(element.type, type_of({simple, at.document}));
    } else {
      element.type = any_type();
    }
    model_.elements[index] = std::move(element);
    return index;
  }

  std::size_t any_type() {
    model_.types.push_back(
        {.complex = true, .mixed = true, .has_text = true, .any_attribute = true});
    return model_.types.size() - 1;
  }

  Result<std::size_t> named_type(const Definition& at, const std::string& qname) {
    const Key key = resolve(at, qname);
    if (key.first == kXs) {
      if (key.second == "anyType") return any_type();
      const auto [it, added] = builtin_index_.try_emplace(key.second, model_.types.size());
      if (added) {
        model_.simple_types.push_back({.builtin = key.second});
        model_.types.push_back({.simple_type = model_.simple_types.size() - 1, .has_text = true});
      }
      return it->second;
    }
    const auto it = types_.find(key);
    if (it == types_.end()) return tl::unexpected(fault(at, "there is no type " + qname));
    return type_of(it->second);
  }

  Result<std::size_t> type_of(const Definition& at) {
    if (const auto it = type_index_.find(at.node); it != type_index_.end()) return it->second;
    const std::size_t index = model_.types.size();
    type_index_[at.node] = index;
    model_.types.emplace_back();
    SchemaType type;
    if (is_xs(at.node, "simpleType")) {
      S1FLOW_TRY(type.simple_type, simple_type_of(at));
      type.has_text = true;
    } else {
      S1FLOW_TRY_VOID(fill_complex(at, type));
    }
    model_.types[index] = std::move(type);
    return index;
  }

  Result<std::size_t> simple_type_of(const Definition& at) {
    SchemaSimpleType simple;
    const xmlNode* restriction = child_named(at.node, "restriction");
    if (restriction == nullptr) {
      simple.builtin = "string";
      simple.list_or_union = true;
    } else {
      S1FLOW_TRY_VOID(restrict_simple({restriction, at.document}, simple));
    }
    model_.simple_types.push_back(std::move(simple));
    return model_.simple_types.size() - 1;
  }

  // Base of a restriction, then its own facets as a further step.
  Status restrict_simple(const Definition& at, SchemaSimpleType& simple) {
    const std::string base = attribute(at.node, "base");
    std::size_t base_type = 0;
    if (!base.empty()) {
      S1FLOW_TRY(base_type, named_type(at, base));
    } else if (const xmlNode* inner = child_named(at.node, "simpleType"); inner != nullptr) {
      S1FLOW_TRY(base_type, type_of({inner, at.document}));
    } else {
      return tl::unexpected(fault(at, "restriction without a base"));
    }
    simple = model_.simple_types[model_.types[base_type].simple_type];
    std::uint32_t step = 0;
    for (const SchemaFacet& f : simple.facets) step = std::max(step, f.step + 1);
    for (const xmlNode* n = at.node->children; n != nullptr; n = n->next) {
      if (n->type != XML_ELEMENT_NODE || is_xs(n, "simpleType") || is_xs(n, "annotation") ||
          is_xs(n, "attribute"))
        continue;
      simple.facets.push_back({std::string(text_of(n->name)), attribute(n, "value"), step});
    }
    return {};
  }

  Status fill_complex(const Definition& at, SchemaType& type) {
    type.complex = true;
    type.mixed = attribute(at.node, "mixed") == "true";
    const xmlNode* content = child_named(at.node, "simpleContent");
    const bool simple = content != nullptr;
    if (content == nullptr) content = child_named(at.node, "complexContent");
    if (content == nullptr) return fill_body(at, type);
    const xmlNode* derivation = child_named(content, "extension");
    const bool extension = derivation != nullptr;
    if (derivation == nullptr) derivation = child_named(content, "restriction");
    if (derivation == nullptr)
      return tl::unexpected(fault(at, "content without extension or restriction"));
    const Definition here{derivation, at.document};
    S1FLOW_TRY(const std::size_t base, named_type(here, attribute(derivation, "base")));
    const SchemaType base_type = model_.types[base];
    type.attributes = base_type.attributes;
    if (simple) {
      type.has_text = true;
      type.simple_type = base_type.simple_type;
      if (!extension) {
        SchemaSimpleType narrowed;
        S1FLOW_TRY_VOID(restrict_simple(here, narrowed));
        model_.simple_types.push_back(std::move(narrowed));
        type.simple_type = model_.simple_types.size() - 1;
      }
      return fill_attributes(here, type);
    }
    if (extension) type.content = base_type.content;
    const std::optional<SchemaParticle> inherited = type.content;
    type.content.reset();
    S1FLOW_TRY_VOID(fill_body(here, type));
    if (inherited && type.content) {
      SchemaParticle both{.kind = SchemaParticle::Kind::sequence};
      both.children = {*inherited, *type.content};
      type.content = std::move(both);
    } else if (inherited) {
      type.content = inherited;
    }
    return {};
  }

  Status fill_body(const Definition& at, SchemaType& type) {
    for (const xmlNode* n = at.node->children; n != nullptr; n = n->next) {
      if (!is_particle(n)) continue;
      S1FLOW_TRY(type.content, particle_of({n, at.document}));
      break;
    }
    return fill_attributes(at, type);
  }

  static bool is_particle(const xmlNode* n) {
    return is_xs(n, "sequence") || is_xs(n, "choice") || is_xs(n, "all") || is_xs(n, "group") ||
           is_xs(n, "element") || is_xs(n, "any");
  }

  Status fill_attributes(const Definition& at, SchemaType& type) {
    for (const xmlNode* n = at.node->children; n != nullptr; n = n->next) {
      if (is_xs(n, "anyAttribute")) type.any_attribute = true;
      if (is_xs(n, "attributeGroup")) {
        const auto it = attribute_groups_.find(resolve({n, at.document}, attribute(n, "ref")));
        if (it == attribute_groups_.end())
          return tl::unexpected(fault({n, at.document}, "unknown attributeGroup"));
        if (++depth_ > 64)
          return tl::unexpected(fault({n, at.document}, "groups are nested too deeply"));
        S1FLOW_TRY_VOID(fill_attributes(it->second, type));
        --depth_;
      }
      if (!is_xs(n, "attribute")) continue;
      S1FLOW_TRY(SchemaAttribute added, attribute_of({n, at.document}));
      const std::string use = attribute(n, "use");
      added.required = use == "required";
      std::erase_if(type.attributes,
                    [&](const SchemaAttribute& a) { return a.name == added.name; });
      if (use != "prohibited") type.attributes.push_back(std::move(added));
    }
    return {};
  }

  Result<SchemaAttribute> attribute_of(Definition at) {
    bool global = false;
    SchemaAttribute result;
    const auto constant_of = [](const xmlNode* n) {
      std::string c = attribute(n, "fixed");
      return c.empty() ? attribute(n, "default") : c;
    };
    result.constant = constant_of(at.node);
    result.fixed = !attribute(at.node, "fixed").empty();
    if (const std::string ref = attribute(at.node, "ref"); !ref.empty()) {
      const Key key = resolve(at, ref);
      const auto it = attributes_.find(key);
      if (it == attributes_.end()) {  // xml:lang and its like have no schema here
        result.name = {key.second, key.first};
        return result;
      }
      at = it->second;
      global = true;
      if (result.constant.empty()) {
        result.constant = constant_of(at.node);
        result.fixed = !attribute(at.node, "fixed").empty();
      }
    }
    const std::string form = attribute(at.node, "form");
    const bool qualified =
        global || (form.empty() ? at.document->attributes_qualified : form == "qualified");
    result.name = {attribute(at.node, "name"), qualified ? at.document->target : std::string()};
    if (const std::string type = attribute(at.node, "type"); !type.empty()) {
      S1FLOW_TRY(const std::size_t index, named_type(at, type));
      result.simple_type = model_.types[index].simple_type;
    } else if (const xmlNode* inner = child_named(at.node, "simpleType"); inner != nullptr) {
      S1FLOW_TRY(result.simple_type, simple_type_of({inner, at.document}));
    }
    return result;
  }

  Result<SchemaParticle> particle_of(const Definition& at) {
    SchemaParticle p;
    const std::string min = attribute(at.node, "minOccurs");
    const std::string max = attribute(at.node, "maxOccurs");
    if (!min.empty()) p.min = static_cast<std::uint32_t>(parse_decimal(min).value_or(1));
    if (max == "unbounded")
      p.max = kUnbounded;
    else if (!max.empty())
      p.max = static_cast<std::uint32_t>(parse_decimal(max).value_or(1));
    if (is_xs(at.node, "element")) {
      p.kind = SchemaParticle::Kind::element;
      Definition element = at;
      if (const std::string ref = attribute(at.node, "ref"); !ref.empty()) {
        const auto it = elements_.find(resolve(at, ref));
        if (it == elements_.end())
          return tl::unexpected(fault(at, "there is no global element " + ref));
        element = it->second;
      }
      S1FLOW_TRY(p.element, element_of(element));
      return p;
    }
    if (is_xs(at.node, "any")) {
      p.kind = SchemaParticle::Kind::any;
      p.any_namespace = attribute(at.node, "namespace");
      p.any_skips = attribute(at.node, "processContents") == "skip";
      return p;
    }
    Definition body = at;
    if (is_xs(at.node, "group")) {
      const auto it = groups_.find(resolve(at, attribute(at.node, "ref")));
      const xmlNode* inner = nullptr;
      if (it != groups_.end()) {
        inner = first_element(it->second.node);
        while (inner != nullptr && !is_particle(inner)) inner = inner->next;
      }
      if (inner == nullptr)
        return tl::unexpected(fault(at, "there is no group " + attribute(at.node, "ref")));
      body = {inner, it->second.document};
    }
    if (is_xs(body.node, "choice")) p.kind = SchemaParticle::Kind::choice;
    if (is_xs(body.node, "all")) p.kind = SchemaParticle::Kind::all;
    if (++depth_ > 64) return tl::unexpected(fault(at, "groups are nested too deeply"));
    for (const xmlNode* n = body.node->children; n != nullptr; n = n->next) {
      if (!is_particle(n)) continue;
      S1FLOW_TRY(SchemaParticle child, particle_of({n, body.document}));
      p.children.push_back(std::move(child));
    }
    --depth_;
    return p;
  }

  SchemaModel& model_;
  const SchemaReader& reader_;
  std::vector<std::unique_ptr<Document>> documents_;
  std::set<std::string> loaded_;
  std::map<Key, Definition> elements_, types_, groups_, attribute_groups_, attributes_;
  std::map<const xmlNode*, std::size_t> element_index_, type_index_;
  std::map<std::string, std::size_t> builtin_index_;
  int depth_ = 0;
};

void collect(const SchemaModel& model, const SchemaParticle& p, bool optional, bool repeated,
             std::vector<SchemaModel::Child>& out) {
  if (p.kind == SchemaParticle::Kind::element) {
    out.push_back(
        {&model.elements[p.element], optional ? 0 : p.min, repeated ? kUnbounded : p.max});
    return;
  }
  const bool inner_optional = optional || p.min == 0 || p.kind == SchemaParticle::Kind::choice;
  for (const SchemaParticle& c : p.children)
    collect(model, c, inner_optional, repeated || p.max > 1, out);
}

}  // namespace

Result<std::shared_ptr<const SchemaModel>> SchemaModel::load(const std::string& path,
                                                             const SchemaReader& reader) {
  auto model = std::make_shared<SchemaModel>();
  S1FLOW_TRY_VOID(Builder(*model, reader).run(path));
  return model;
}

const SchemaElement* SchemaModel::find_global(std::string_view local) const {
  for (const std::size_t i : globals)
    if (elements[i].name.local == local) return &elements[i];
  return nullptr;
}

std::vector<SchemaModel::Child> SchemaModel::children_of(const SchemaType& type) const {
  std::vector<Child> out;
  if (type.content) collect(*this, *type.content, false, false, out);
  return out;
}

std::optional<SchemaModel::Child> SchemaModel::child_of(const SchemaType& type,
                                                        std::string_view local) const {
  for (const Child& c : children_of(type))
    if (c.element->name.local == local) return c;
  return std::nullopt;
}

std::optional<std::string> resolve_relative(std::string_view base, std::string_view relative) {
  if (relative.empty() || relative.front() == '/' || relative.find(':') != std::string_view::npos ||
      relative.find('\\') != std::string_view::npos)
    return std::nullopt;
  std::vector<std::string> parts;
  const auto push = [&parts](std::string_view path) {
    while (!path.empty()) {
      const std::size_t slash = path.find('/');
      const std::string_view part = path.substr(0, slash);
      path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
      if (part.empty() || part == ".") continue;
      if (part == "..") {
        if (parts.empty()) return false;
        parts.pop_back();
      } else {
        parts.emplace_back(part);
      }
    }
    return true;
  };
  const std::size_t slash = base.rfind('/');
  if (slash != std::string_view::npos && !push(base.substr(0, slash))) return std::nullopt;
  if (!push(relative) || parts.empty()) return std::nullopt;
  std::string out;
  for (const std::string& p : parts) out += (out.empty() ? "" : "/") + p;
  return out;
}

}  // namespace s1flow::codecs
