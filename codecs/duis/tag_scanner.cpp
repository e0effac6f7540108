#include "codecs/duis/tag_scanner.h"

#include "codecs/crypto/xml_security_names.h"
#include "codecs/duis/names.h"

namespace s1flow::codecs::duis {
namespace {

// What a byte may be.
enum ByteClass : std::uint8_t {
  kName = 1,      // in a name
  kFirst = 2,     // first of a name
  kText = 4,      // plain in text
  kValue = 8,     // plain in an attribute value
  kBlank = 16,    // white space
  kForeign = 32,  // part of a character beyond ASCII
  kPlain = 64,    // in text, and nothing has to be thought of
};
constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> c{};
  for (unsigned i = 0x20; i < 0x7F; ++i) c[i] = kText | kValue;
  for (const char blank : {' ', '\t', '\n', '\r'})
    c[static_cast<unsigned char>(blank)] = kText | kBlank;
  c[' '] |= kValue;
  for (const char no : {'<', '&'}) c[static_cast<unsigned char>(no)] = 0;
  c['"'] = kText;
  c[']'] = kValue;  // could begin ]]>
  for (unsigned i = 'a'; i <= 'z'; ++i) c[i] |= kName | kFirst;
  for (unsigned i = 'A'; i <= 'Z'; ++i) c[i] |= kName | kFirst;
  for (unsigned i = '0'; i <= '9'; ++i) c[i] |= kName;
  c['_'] |= kName | kFirst;
  for (const char also : {'-', '.', ':'}) c[static_cast<unsigned char>(also)] |= kName;
  for (unsigned i = 0x80; i < 0x100; ++i) c[i] = kForeign;
  for (unsigned i = 0x21; i < 0x7F; ++i)
    if ((c[i] & kText) != 0 && i != '>') c[i] |= kPlain;
  return c;
}();
std::uint8_t class_of(char c) {
  return kClasses[static_cast<unsigned char>(c)];
}

Space space_of(std::string_view uri) {
  if (uri == kServiceUserNamespace) return Space::service_user;
  if (uri == crypto::uri::kDs) return Space::signature;
  if (uri == kResponseAndAlertNamespace) return Space::response_and_alert;
  return uri.empty() ? Space::none : Space::other;
}

// Nothing in it that a parser could object to, and not relative, which C14N refuses.
bool is_plain_uri(std::string_view uri) {
  for (const char c : uri)
    if ((class_of(c) & kName) == 0 && c != '/' && c != '#') return false;
  return uri.empty() || ((class_of(uri.front()) & kFirst) != 0 && uri.find(':') < uri.find('/'));
}

void split(std::string_view name, std::string_view& prefix, std::string_view& local) {
  const std::size_t colon = name.find(':');
  prefix = colon == std::string_view::npos ? std::string_view() : name.substr(0, colon);
  local = colon == std::string_view::npos ? name : name.substr(colon + 1);
}

}  // namespace

TagScanner::TagScanner(std::string_view bytes, TagSource source) : bytes_(bytes), source_(source) {}

// One of the forms that XML writers put; C14N has none.
bool TagScanner::read_declaration_of_xml() {
  for (const std::string_view form :
       {"<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<?xml version=\"1.0\" encoding=\"utf-8\"?>",
        "<?xml version=\"1.0\"?>", "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>"})
    if (bytes_.starts_with(form)) {
      at_ = form.size();
      canonical_ = false;
      return true;
    }
  return false;
}

TagScanner::Token TagScanner::next() {
  if (empty_element_) {
    empty_element_ = false;
    token_begin_ = at_;
    leave();
    return Token::end;
  }
  if (depth_ == 0) {
    if (at_ == 0 && bytes_.starts_with("<?") && !read_declaration_of_xml()) return Token::declined;
    while (at_ < bytes_.size() && (class_of(bytes_[at_]) & kBlank) != 0) {
      ++at_;
      canonical_ = false;
    }
    if (at_ == bytes_.size()) return done_ ? Token::finish : Token::declined;
    if (done_ || bytes_[at_] != '<') return Token::declined;
  }
  if (at_ >= bytes_.size()) return Token::declined;
  token_begin_ = at_;
  if (bytes_[at_] != '<') return character_data();
  return peek(1) == '/' ? end_tag() : start_tag();
}

bool TagScanner::known_reference(std::size_t& length) {
  const std::string_view rest = bytes_.substr(at_, 8);
  for (const std::string_view canonical : {"&amp;", "&lt;", "&gt;", "&#xD;"})
    if (rest.starts_with(canonical)) {
      length = canonical.size();
      return true;
    }
  for (const std::string_view other : {"&#13;", "&#xd;", "&quot;", "&apos;"})
    if (rest.starts_with(other)) {
      canonical_ = false;
      length = other.size();
      return true;
    }
  return false;
}

TagScanner::Token TagScanner::character_data() {
  const std::uint8_t allowed = source_ == TagSource::any ? kText : kText | kForeign;
  const std::size_t begin = at_;
  blank_ = true;
  const char* const end = bytes_.data() + bytes_.size();
  while (true) {
    const char* const run = bytes_.data() + at_;
    const char* p = run;
    while (p != end && (class_of(*p) & kPlain) != 0) ++p;
    if (p != run) blank_ = false;
    at_ += static_cast<std::size_t>(p - run);
    if (p == end || *p == '<') break;
    const char c = *p;
    const std::uint8_t kind = class_of(c);
    if ((kind & kBlank) == 0) blank_ = false;
    if (c == '\r' || c == '>') canonical_ = false;
    if (c == '&') {
      std::size_t length = 0;
      if (!known_reference(length)) return Token::declined;
      at_ += length;
      continue;
    }
    if ((kind & allowed) == 0 && !(c == ']' && source_ == TagSource::canonical))
      return Token::declined;
    ++at_;
  }
  if (at_ == bytes_.size()) return Token::declined;
  text_ = bytes_.substr(begin, at_ - begin);
  return Token::text;
}

bool TagScanner::read_name(std::string_view& name) {
  const std::size_t begin = at_;
  if ((class_of(peek()) & kFirst) == 0) return false;
  std::size_t colons = 0;
  const char* const end = bytes_.data() + bytes_.size();
  const char* p = bytes_.data() + at_;
  for (; p != end && (class_of(*p) & kName) != 0; ++p)
    if (*p == ':' && (++colons > 1 || p + 1 == end || (class_of(p[1]) & kFirst) == 0)) return false;
  at_ = static_cast<std::size_t>(p - bytes_.data());
  name = bytes_.substr(begin, at_ - begin);
  return true;
}

// ` name="value"`; the caller has seen white space.
bool TagScanner::read_attribute(bool& declares) {
  std::string_view name;
  if (!read_name(name)) return false;
  if (peek() != '=' || (peek(1) != '"' && peek(1) != '\'')) return false;
  const char quote = peek(1);
  if (quote == '\'') canonical_ = false;
  at_ += 2;
  const std::size_t begin = at_;
  const bool any = source_ == TagSource::any;
  const std::size_t length = bytes_.substr(at_).find(quote);
  if (length == std::string_view::npos) return false;
  for (const char c : bytes_.substr(at_, length))
    if (c == '<' || (any && (class_of(c) & kValue) == 0)) return false;
  at_ += length;
  const std::string_view value = bytes_.substr(begin, length);
  ++at_;
  declares = name == "xmlns" || name.starts_with("xmlns:");
  if (declares) {
    const std::string_view prefix = name.size() > 6 ? name.substr(6) : std::string_view();
    if (prefix == "xml" || prefix == "xmlns" || value.starts_with("http://www.w3.org/XML/") ||
        value.starts_with("http://www.w3.org/2000/xmlns") || (!prefix.empty() && value.empty()) ||
        binding_count_ == kMostBindings || (any && !is_plain_uri(value)))
      return false;
    for (std::size_t i = 0; i < binding_count_; ++i)
      if (bindings_[i].depth == depth_ && bindings_[i].prefix == prefix) return false;
    bindings_[binding_count_++] = {prefix, value, depth_, space_of(value)};
    return true;
  }
  for (std::size_t i = 0; i < attribute_count_; ++i)
    if (attributes_[i].name == name) return false;
  if (attribute_count_ == kMostAttributes) return false;
  attributes_[attribute_count_++] = {name, value};
  return true;
}

const TagScanner::Binding* TagScanner::find(std::string_view prefix) const {
  for (std::size_t i = binding_count_; i-- > 0;)
    if (bindings_[i].prefix == prefix) return &bindings_[i];
  return nullptr;
}

bool TagScanner::resolve() {
  split(name_, prefix_, local_);
  const Binding* binding = find(prefix_);
  if (binding == nullptr && !prefix_.empty()) return false;
  space_ = binding == nullptr ? Space::none : binding->space;
  // Two prefixed names may be one attribute; only the reader sorts that out.
  std::size_t prefixed = 0;
  for (std::size_t i = 0; i < attribute_count_; ++i) {
    std::string_view prefix;
    std::string_view local;
    split(attributes_[i].name, prefix, local);
    if (prefix.empty()) continue;
    ++prefixed;
    if (prefix != "xml" && find(prefix) == nullptr) return false;
  }
  return prefixed == 0 || source_ == TagSource::canonical;
}

TagScanner::Token TagScanner::start_tag() {
  if (depth_ == kMostDepth) return Token::declined;
  ++at_;
  if (!read_name(name_)) return Token::declined;
  attribute_count_ = 0;
  ++depth_;
  std::size_t declared = 0;
  while (true) {
    const std::size_t gap = at_;
    while ((class_of(peek()) & kBlank) != 0) ++at_;
    if (peek() == '>' || (peek() == '/' && peek(1) == '>')) {
      if (at_ != gap) canonical_ = false;
      break;
    }
    if (at_ == gap) return Token::declined;
    if (at_ != gap + 1 || bytes_[gap] != ' ') canonical_ = false;
    bool declares = false;
    if (!read_attribute(declares)) return Token::declined;
    if (declares) {
      // Canonical XML puts declarations first, sorted, and none that is in force already.
      if (attribute_count_ != 0 || ++declared > 1) canonical_ = false;
      for (std::size_t i = 0; i + 1 < binding_count_; ++i)
        if (bindings_[i].prefix == bindings_[binding_count_ - 1].prefix) canonical_ = false;
      if (bindings_[binding_count_ - 1].uri.empty()) canonical_ = false;
    } else if (attribute_count_ > 1) {
      // Sorted by name, as long as none has a prefix, which resolve() sees to.
      if (attributes_[attribute_count_ - 2].name > attributes_[attribute_count_ - 1].name)
        canonical_ = false;
    }
  }
  if (!resolve()) return Token::declined;
  if (peek() == '/') {
    ++at_;
    empty_element_ = true;
    canonical_ = false;
  }
  ++at_;
  open_[depth_ - 1] = name_;
  return Token::start;
}

void TagScanner::leave() {
  name_ = open_[depth_ - 1];
  split(name_, prefix_, local_);
  const Binding* binding = find(prefix_);
  space_ = binding == nullptr ? Space::none : binding->space;
  while (binding_count_ > 0 && bindings_[binding_count_ - 1].depth == depth_) --binding_count_;
  --depth_;
  done_ = depth_ == 0;
}

TagScanner::Token TagScanner::end_tag() {
  at_ += 2;
  if (depth_ == 0) return Token::declined;
  const std::string_view name = open_[depth_ - 1];
  if (bytes_.substr(at_, name.size()) != name) return Token::declined;
  at_ += name.size();
  while ((class_of(peek()) & kBlank) != 0) {
    ++at_;
    canonical_ = false;
  }
  if (peek() != '>') return Token::declined;
  ++at_;
  leave();
  return Token::end;
}

}  // namespace s1flow::codecs::duis
