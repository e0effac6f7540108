#include "codecs/crypto/small_xml.h"

#include <algorithm>
#include <array>

#include "codecs/crypto/xml_characters.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

constexpr std::string_view kXmlNamespace = "http://www.w3.org/XML/1998/namespace";
constexpr std::string_view kXmlnsNamespace = "http://www.w3.org/2000/xmlns/";

// Not find_first_of: it looks up every byte in the set by a call.
bool has_any(std::string_view text, std::string_view bytes) {
  return std::any_of(bytes.begin(), bytes.end(),
                     [text](char c) { return text.find(c) != std::string_view::npos; });
}

}  // namespace

std::string_view text_of(XmlFault fault) {
  static constexpr std::array<std::string_view, 13> kTexts{
      "no fault",
      "larger than the limit",
      "nested too deep",
      "too many attributes or elements",
      "bytes that are no XML characters in UTF-8",
      "a DOCTYPE",
      "a comment",
      "a processing instruction",
      "a CDATA section",
      "an entity or a bad character reference",
      "a namespace prefix that is not declared, or a declaration that is not allowed",
      "an attribute twice",
      "not well-formed"};
  return kTexts[static_cast<std::size_t>(fault)];
}

XmlFault SmallXml::read(std::string_view bytes, const NamespaceContext& context,
                        std::size_t limit) {
  nodes_.clear();
  attributes_.clear();
  bindings_.clear();
  open_.clear();
  arena_.reset();
  at_ = 0;
  if (bytes.size() > limit) return XmlFault::too_large;
  if (const std::size_t bad = find_non_xml_character(bytes); bad != std::string_view::npos) {
    at_ = bad;
    return XmlFault::encoding;
  }
  bytes_ = bytes;
  at_ = 0;
  bindings_.push_back({"xml", kXmlNamespace});
  for (const auto& [prefix, uri] : context) bindings_.push_back({prefix, uri});
  return read_tree();
}

XmlFault SmallXml::read_tree() {
  skip_blanks();
  if (at_ >= bytes_.size() || bytes_[at_] != '<') return XmlFault::malformed;
  do {
    if (at_ >= bytes_.size()) return XmlFault::malformed;
    if (nodes_.size() >= kMostNodes) return XmlFault::too_many;
    XmlFault fault = XmlFault::none;
    const std::string_view rest = bytes_.substr(at_);
    if (rest[0] != '<')
      fault = read_text();
    else if (rest.starts_with("</"))
      fault = read_end_tag();
    else if (rest.starts_with("<!") || rest.starts_with("<?"))
      fault = refuse_markup();
    else
      fault = read_start_tag();
    if (fault != XmlFault::none) return fault;
  } while (!open_.empty());
  skip_blanks();
  if (at_ == bytes_.size()) return XmlFault::none;
  const std::string_view rest = bytes_.substr(at_);
  return rest.starts_with("<!") || rest.starts_with("<?") ? refuse_markup() : XmlFault::malformed;
}

XmlFault SmallXml::refuse_markup() const {
  const std::string_view rest = bytes_.substr(at_);
  if (rest.starts_with("<!--")) return XmlFault::comment;
  if (rest.starts_with("<![CDATA[")) return XmlFault::cdata;
  if (rest.starts_with("<!DOCTYPE")) return XmlFault::doctype;
  return rest.starts_with("<?") ? XmlFault::processing_instruction : XmlFault::malformed;
}

bool SmallXml::skip_blanks() {
  const std::size_t start = at_;
  while (at_ < bytes_.size() && is_xml_blank(bytes_[at_])) ++at_;
  return at_ != start;
}

bool SmallXml::read_name(std::string_view& prefix, std::string_view& local) {
  prefix = {};
  local = bytes_.substr(at_, name_length(bytes_.substr(at_)));
  at_ += local.size();
  if (local.empty()) return false;
  if (at_ < bytes_.size() && bytes_[at_] == ':') {
    ++at_;
    prefix = local;
    local = bytes_.substr(at_, name_length(bytes_.substr(at_)));
    at_ += local.size();
  }
  return !local.empty();
}

void SmallXml::add_child(Index child) {
  if (open_.empty()) return;
  Open& parent = open_.back();
  if (parent.last_child == kNone)
    nodes_[parent.node].first_child = child;
  else
    nodes_[parent.last_child].next = child;
  parent.last_child = child;
}

const SmallXml::Binding* SmallXml::find_binding(std::string_view prefix) const {
  const auto it = std::find_if(bindings_.rbegin(), bindings_.rend(),
                               [&](const Binding& b) { return b.prefix == prefix; });
  return it == bindings_.rend() ? nullptr : &*it;
}

XmlFault SmallXml::read_start_tag() {
  if (open_.size() >= kMostDepth) return XmlFault::too_deep;
  ++at_;
  Node node;
  if (!read_name(node.prefix, node.local)) return XmlFault::malformed;
  const std::size_t outer_bindings = bindings_.size();
  node.attributes_begin = static_cast<Index>(attributes_.size());
  bool blank = skip_blanks();
  while (at_ < bytes_.size() && bytes_[at_] != '>' && bytes_[at_] != '/') {
    if (!blank) return XmlFault::malformed;
    if (attributes_.size() - node.attributes_begin + bindings_.size() - outer_bindings >=
        kMostAttributes)
      return XmlFault::too_many;
    if (const XmlFault fault = read_attribute(); fault != XmlFault::none) return fault;
    blank = skip_blanks();
  }
  node.attributes_end = static_cast<Index>(attributes_.size());
  if (const XmlFault fault = resolve(node, outer_bindings); fault != XmlFault::none) return fault;
  const auto index = static_cast<Index>(nodes_.size());
  nodes_.push_back(node);
  add_child(index);
  if (bytes_.substr(at_).starts_with("/>")) {
    at_ += 2;
    bindings_.resize(outer_bindings);
    return XmlFault::none;
  }
  if (at_ >= bytes_.size() || bytes_[at_] != '>') return XmlFault::malformed;
  ++at_;
  open_.push_back({index, kNone, outer_bindings, node.prefix, node.local});
  return XmlFault::none;
}

XmlFault SmallXml::read_attribute() {
  Attribute attribute;
  if (!read_name(attribute.prefix, attribute.local)) return XmlFault::malformed;
  skip_blanks();
  if (at_ >= bytes_.size() || bytes_[at_] != '=') return XmlFault::malformed;
  ++at_;
  skip_blanks();
  if (at_ >= bytes_.size() || (bytes_[at_] != '"' && bytes_[at_] != '\''))
    return XmlFault::malformed;
  const char quote = bytes_[at_++];
  if (const XmlFault fault = read_value(quote, attribute.value); fault != XmlFault::none)
    return fault;
  const bool is_default = attribute.prefix.empty() && attribute.local == "xmlns";
  if (!is_default && attribute.prefix != "xmlns") {
    attributes_.push_back(attribute);
    return XmlFault::none;
  }
  // Namespaces in XML 1.0, section 3: xml and xmlns are bound for good, and only the default
  // namespace may be taken back.
  const std::string_view prefix = is_default ? std::string_view() : attribute.local;
  const bool to_xml = attribute.value == kXmlNamespace;
  if (prefix == "xmlns" || attribute.value == kXmlnsNamespace || (prefix == "xml") != to_xml ||
      (attribute.value.empty() && !is_default))
    return XmlFault::name_space;
  bindings_.push_back({prefix, attribute.value});
  return XmlFault::none;
}

// Resolves prefixes and refuses an attribute or declaration that is there twice, also under two
// prefixes of one namespace.
XmlFault SmallXml::resolve(Node& element, std::size_t first_binding) {
  const auto fresh = std::span(bindings_).subspan(first_binding);
  for (std::size_t i = 0; i < fresh.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (fresh[i].prefix == fresh[k].prefix) return XmlFault::attribute_twice;

  const Binding* own = find_binding(element.prefix);
  if (!element.prefix.empty() && (own == nullptr || own->uri.empty())) return XmlFault::name_space;
  if (own != nullptr) element.uri = own->uri;

  const auto attributes =
      std::span(attributes_)
          .subspan(element.attributes_begin, element.attributes_end - element.attributes_begin);
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    Attribute& attribute = attributes[i];
    if (!attribute.prefix.empty()) {
      const Binding* binding = find_binding(attribute.prefix);
      if (binding == nullptr || binding->uri.empty()) return XmlFault::name_space;
      attribute.uri = binding->uri;
    }
    for (std::size_t k = 0; k < i; ++k)
      if (attribute.local == attributes[k].local && attribute.uri == attributes[k].uri)
        return XmlFault::attribute_twice;
  }
  return XmlFault::none;
}

XmlFault SmallXml::read_end_tag() {
  at_ += 2;
  std::string_view prefix;
  std::string_view local;
  if (open_.empty() || !read_name(prefix, local)) return XmlFault::malformed;
  skip_blanks();
  const Open& last = open_.back();
  if (at_ >= bytes_.size() || bytes_[at_] != '>' || prefix != last.prefix || local != last.local)
    return XmlFault::malformed;
  ++at_;
  bindings_.resize(last.bindings);
  open_.pop_back();
  return XmlFault::none;
}

// `at_` is on the ampersand.
XmlFault SmallXml::read_reference(std::string& to) {
  const std::size_t end = bytes_.find(';', at_);
  if (end == std::string_view::npos || end - at_ > 10) return XmlFault::entity;
  std::string_view name = bytes_.substr(at_ + 1, end - at_ - 1);
  at_ = end + 1;
  if (!name.starts_with('#')) {
    static constexpr std::array<std::pair<std::string_view, char>, 5> kKnown{
        {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
    for (const auto& [known, c] : kKnown)
      if (name == known) {
        to.push_back(c);
        return XmlFault::none;
      }
    return XmlFault::entity;
  }
  name.remove_prefix(1);
  const bool hex = name.starts_with('x');
  if (hex) name.remove_prefix(1);
  std::uint32_t value = 0;
  for (const char c : name) {
    const int digit = hex_value(c);
    if (digit < 0 || (!hex && digit > 9)) return XmlFault::entity;
    value = value * (hex ? 16 : 10) + static_cast<std::uint32_t>(digit);
  }
  if (name.empty() || !is_xml_char(value)) return XmlFault::entity;
  append_utf8(to, value);
  return XmlFault::none;
}

XmlFault SmallXml::read_value(char quote, std::string_view& value) {
  const std::size_t end = bytes_.find(quote, at_);
  if (end == std::string_view::npos) return XmlFault::malformed;
  const std::string_view raw = bytes_.substr(at_, end - at_);
  if (raw.find('<') != std::string_view::npos) return XmlFault::malformed;
  if (!has_any(raw, "&\t\n\r")) {
    value = raw;
    at_ = end + 1;
    return XmlFault::none;
  }
  scratch_.clear();
  while (at_ < end) {
    const char c = bytes_[at_];
    if (c == '&') {
      if (const XmlFault fault = read_reference(scratch_); fault != XmlFault::none) return fault;
      if (at_ > end) return XmlFault::entity;
      continue;
    }
    // Line ends become one line feed, and white space a blank (XML 1.0, 2.11 and 3.3.3).
    if (c == '\r' && at_ + 1 < end && bytes_[at_ + 1] == '\n') ++at_;
    scratch_.push_back(is_xml_blank(c) ? ' ' : c);
    ++at_;
  }
  value = arena_.copy(scratch_);
  at_ = end + 1;
  return XmlFault::none;
}

XmlFault SmallXml::read_text() {
  const std::size_t end = bytes_.find('<', at_);
  if (end == std::string_view::npos) return XmlFault::malformed;
  const std::string_view raw = bytes_.substr(at_, end - at_);
  if (const std::size_t close = raw.find("]]>"); close != std::string_view::npos) {
    at_ += close;
    return XmlFault::malformed;
  }
  Node node;
  if (!has_any(raw, "&\r")) {
    node.text = raw;
    at_ = end;
  } else {
    scratch_.clear();
    while (at_ < end) {
      const char c = bytes_[at_];
      if (c == '&') {
        if (const XmlFault fault = read_reference(scratch_); fault != XmlFault::none) return fault;
        if (at_ > end) return XmlFault::entity;
        continue;
      }
      if (c == '\r' && bytes_[at_ + 1] == '\n') ++at_;
      scratch_.push_back(c == '\r' ? '\n' : c);
      ++at_;
    }
    node.text = arena_.copy(scratch_);
  }
  const auto index = static_cast<Index>(nodes_.size());
  nodes_.push_back(node);
  add_child(index);
  return XmlFault::none;
}

}  // namespace s1flow::codecs::crypto
