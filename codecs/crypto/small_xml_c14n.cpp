// Exclusive XML Canonicalization 1.0 of codecs/crypto/small_xml.h.

#include <algorithm>
#include <tuple>

#include "codecs/crypto/small_xml.h"

namespace s1flow::codecs::crypto {
void append_canonical_text(std::string& out, std::string_view text) {
  for (const char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\r':
        out += "&#xD;";
        break;
      default:
        out += c;
    }
}

void append_canonical_attribute(std::string& out, std::string_view value) {
  for (const char c : value) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\t':
        out += "&#x9;";
        break;
      case '\n':
        out += "&#xA;";
        break;
      case '\r':
        out += "&#xD;";
        break;
      default:
        out += c;
    }
}

namespace {

void append_name(std::string& out, std::string_view prefix, std::string_view local) {
  if (!prefix.empty()) {
    out += prefix;
    out += ':';
  }
  out += local;
}

}  // namespace

void SmallXml::append_element(const Node& element, std::string& out,
                              std::vector<Binding>& shown) const {
  const std::size_t outer = shown.size();
  // A declaration is written where its prefix is used and the output around does not have it yet.
  const auto use = [&](std::string_view prefix, std::string_view uri) {
    if (prefix == "xml") return;
    const auto it = std::find_if(shown.rbegin(), shown.rend(),
                                 [&](const Binding& b) { return b.prefix == prefix; });
    const std::string_view known = it == shown.rend() ? std::string_view() : it->uri;
    if (known != uri) shown.push_back({prefix, uri});
  };
  use(element.prefix, element.uri);
  const auto attributes = this->attributes(element);
  for (const Attribute& attribute : attributes)
    if (!attribute.prefix.empty()) use(attribute.prefix, attribute.uri);

  out += '<';
  append_name(out, element.prefix, element.local);
  std::sort(shown.begin() + static_cast<std::ptrdiff_t>(outer), shown.end(),
            [](const Binding& a, const Binding& b) { return a.prefix < b.prefix; });
  for (std::size_t i = outer; i < shown.size(); ++i) {
    out += shown[i].prefix.empty() ? " xmlns" : " xmlns:";
    out += shown[i].prefix;
    out += "=\"";
    append_canonical_attribute(out, shown[i].uri);
    out += '"';
  }
  std::vector<const Attribute*> sorted;
  sorted.reserve(attributes.size());
  for (const Attribute& attribute : attributes) sorted.push_back(&attribute);
  std::sort(sorted.begin(), sorted.end(), [](const Attribute* a, const Attribute* b) {
    return std::tie(a->uri, a->local) < std::tie(b->uri, b->local);
  });
  for (const Attribute* attribute : sorted) {
    out += ' ';
    append_name(out, attribute->prefix, attribute->local);
    out += "=\"";
    append_canonical_attribute(out, attribute->value);
    out += '"';
  }
  out += '>';
  // Depth is bounded by kMostDepth.
  for (const Node* node = child(element); node != nullptr; node = next(*node)) {
    if (node->is_element())
      append_element(*node, out, shown);
    else
      append_canonical_text(out, node->text);
  }
  out += "</";
  append_name(out, element.prefix, element.local);
  out += '>';
  shown.resize(outer);
}

void SmallXml::append_exclusive_c14n(const Node& element, std::string& out) const {
  std::vector<Binding> shown;
  append_element(element, out, shown);
}

}  // namespace s1flow::codecs::crypto
