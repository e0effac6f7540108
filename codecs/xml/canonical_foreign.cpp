// Elements of other schemas in canonical XML: the part of CanonicalDecoder that does not need
// tables.

#include <algorithm>
#include <cstring>

#include "codecs/xml/canonical_bytes.h"
#include "codecs/xml/canonical_decoder.h"

namespace s1flow::codecs {

using canonical_bytes::is_reserved;
using canonical_bytes::plain_end;
using canonical_bytes::read_qualified;

const std::string_view* CanonicalDecoder::uri_of(std::string_view prefix) const {
  for (std::size_t i = declarations_.size(); i-- > 0;)
    if (declarations_[i].prefix == prefix) return &declarations_[i].uri;
  return nullptr;
}

std::shared_ptr<const NamespaceScope> CanonicalDecoder::scope_in_force() {
  const auto is_scope = [&](const NamespaceScope& scope) {
    return std::equal(scope.begin(), scope.end(), declarations_.begin(), declarations_.end(),
                      [](const auto& known, const Declaration& d) {
                        return known.first == d.prefix && known.second == d.uri;
                      });
  };
  if (!captured_scope_ || !is_scope(*captured_scope_)) {
    NamespaceScope scope;
    for (const Declaration& d : declarations_) scope.emplace_back(d.prefix, d.uri);
    captured_scope_ = std::make_shared<const NamespaceScope>(std::move(scope));
  }
  return captured_scope_;
}

bool CanonicalDecoder::foreign_attribute(Cursor& c, std::string_view& last_prefix,
                                         std::string_view& last_name, bool& declaring,
                                         std::size_t& count) {
  const char* at = c.at + 1;
  std::string_view prefix, local;
  if (!read_qualified(at, prefix, local)) return false;
  const bool default_declaration = prefix.empty() && local == "xmlns";
  const bool declaration = default_declaration || prefix == "xmlns";
  if (!declaration && !prefix.empty()) return false;
  if (at[0] != '=' || at[1] != '"') return false;
  const char* const begin = at + 2;
  at = plain_end<'"'>(begin);
  const std::string_view value(begin, static_cast<std::size_t>(at - begin));
  if (*at != '"' || value.size() > limits_.field_bytes || local.size() > limits_.name_bytes ||
      ++count > limits_.attributes)
    return false;
  if (declaration) {
    const std::string_view own = default_declaration ? std::string_view() : local;
    const std::string_view* known = uri_of(own);
    const bool first = count == 1;
    if (!declaring || value.empty() || is_reserved(own, value) ||
        (known != nullptr && *known == value) || (!first && own <= last_prefix))
      return false;
    last_prefix = own;
    declarations_.push_back({own, value});
  } else {
    if (!declaring && local <= last_name) return false;
    declaring = false;
    last_name = local;
  }
  c.at = at + 1;
  return true;
}

bool CanonicalDecoder::foreign_tag(Cursor& c, ForeignName& name) {
  name.declarations = declarations_.size();
  const char* const begin = ++c.at;
  if (!read_qualified(c.at, name.prefix, name.local)) return false;
  name.written = {begin, static_cast<std::size_t>(c.at - begin)};
  if (name.written.size() > limits_.name_bytes) return false;
  std::string_view last_prefix, last_name;
  bool declaring = true;
  std::size_t count = 0;
  while (*c.at == ' ')
    if (!foreign_attribute(c, last_prefix, last_name, declaring, count)) return false;
  if (*c.at != '>') return false;
  ++c.at;
  return name.prefix.empty() || uri_of(name.prefix) != nullptr;
}

// After the start tag of foreign_.back(): up to the end of the outermost one.
bool CanonicalDecoder::foreign_content(Cursor& c) {
  while (true) {
    const char* at = plain_end<'>'>(c.at);
    while (*at == '\n' || *at == '\t') {
      if (*at == '\n') ++c.line;
      at = plain_end<'>'>(at + 1);
    }
    if (*at != '<') return false;
    c.at = at;
    if (at[1] == '/') {
      const ForeignName& open = foreign_.back();
      const std::size_t size = open.written.size();
      if (std::strncmp(at + 2, open.written.data(), size) != 0 || at[2 + size] != '>') return false;
      c.at = at + size + 3;
      declarations_.resize(open.declarations);
      foreign_.pop_back();
      if (foreign_.empty()) return true;
      continue;
    }
    if (frames_.size() + foreign_.size() >= limits_.depth) return false;
    ForeignName inner;
    if (!foreign_tag(c, inner)) return false;
    foreign_.push_back(inner);
  }
}

}  // namespace s1flow::codecs
