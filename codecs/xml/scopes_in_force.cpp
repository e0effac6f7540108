#include "codecs/xml/scopes_in_force.h"

#include <string>
#include <string_view>
#include <utility>

#include <libxml/parser.h>

namespace s1flow::codecs {
namespace {

// Prefixes and names of name spaces stand in pairs, the innermost last.
std::string_view name_at(const _xmlParserCtxt& parser, int i) {
  const xmlChar* const name = parser.nsTab[i];
  return name == nullptr ? std::string_view() : reinterpret_cast<const char*>(name);
}

std::shared_ptr<const NamespaceScope> shared(NamespaceScope scope,
                                             std::shared_ptr<const NamespaceScope>& last) {
  if (!last || *last != scope) last = std::make_shared<const NamespaceScope>(std::move(scope));
  return last;
}

}  // namespace

std::shared_ptr<const NamespaceScope> ScopesInForce::at(const _xmlParserCtxt& parser) {
  NamespaceScope scope;
  for (int i = 0; i + 1 < parser.nsNr; i += 2)
    scope.emplace_back(name_at(parser, i), name_at(parser, i + 1));
  return shared(std::move(scope), at_);
}

std::shared_ptr<const NamespaceScope> ScopesInForce::around(const _xmlParserCtxt& parser, int own) {
  NamespaceScope scope;
  const int outer = parser.nsNr - 2 * own;
  const auto hidden = [&](std::string_view prefix) {
    for (int i = outer; i + 1 < parser.nsNr; i += 2)
      if (name_at(parser, i) == prefix) return true;
    return false;
  };
  for (int i = 0; i + 1 < outer; i += 2)
    if (!hidden(name_at(parser, i))) scope.emplace_back(name_at(parser, i), name_at(parser, i + 1));
  return shared(std::move(scope), around_);
}

}  // namespace s1flow::codecs
