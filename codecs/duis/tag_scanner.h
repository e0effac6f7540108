#pragma once
// TagScanner: a pull scanner for small XML documents in the plain form that DUIS messages have in
// practice. It checks well-formedness and namespaces of what it passes, keeps no tree and allocates
// nothing. It never guesses: whatever it does not know ends in `declined`, and a full parser has to
// look (xml_normaliser.h).
//
//   TagSource::any        bytes from outside: ASCII only; the five entities and carriage-return
//                         references in text, none in attributes; no markup but tags
//   TagSource::canonical  what the normaliser made: any characters, any canonical references
//
// canonical() tells at the end whether the bytes are their own inclusive Canonical XML 1.0 form.
// Views point into the bytes. One document per scanner; not thread-safe.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace s1flow::codecs::duis {

enum class TagSource : std::uint8_t { any, canonical };

// Namespaces that matter here.
enum class Space : std::uint8_t { none, service_user, response_and_alert, signature, other };

class TagScanner {
 public:
  static constexpr std::size_t kMostDepth = 32;
  static constexpr std::size_t kMostAttributes = 8;
  static constexpr std::size_t kMostBindings = 16;

  enum class Token : std::uint8_t { start, end, text, finish, declined };
  struct Attribute {
    std::string_view name;  // as written
    std::string_view value;
  };
  struct Binding {
    std::string_view prefix;
    std::string_view uri;
    std::size_t depth = 0;
    Space space = Space::none;
  };

  TagScanner(std::string_view bytes, TagSource source);

  // Character data comes as one run between two tags and is never empty. White space around the
  // root is passed over.
  Token next();

  // Of the tag just given.
  [[nodiscard]] std::string_view local() const { return local_; }
  [[nodiscard]] Space space() const { return space_; }
  [[nodiscard]] bool is(Space space, std::string_view local) const {
    return space_ == space && local_ == local;
  }
  // Of the start tag just given, without namespace declarations.
  [[nodiscard]] std::size_t attribute_count() const { return attribute_count_; }
  [[nodiscard]] const Attribute& attribute(std::size_t i) const { return attributes_[i]; }
  // Of the text just given, as written.
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] bool text_is_blank() const { return blank_; }

  // Elements open now, the one just started included.
  [[nodiscard]] std::size_t depth() const { return depth_; }
  // Where the token just given begins and ends.
  [[nodiscard]] std::size_t token_begin() const { return token_begin_; }
  [[nodiscard]] std::size_t token_end() const { return at_; }
  [[nodiscard]] bool canonical() const { return canonical_; }
  // Declarations in scope, outermost first.
  [[nodiscard]] std::size_t binding_count() const { return binding_count_; }
  [[nodiscard]] const Binding& binding(std::size_t i) const { return bindings_[i]; }

 private:
  Token start_tag();
  Token end_tag();
  Token character_data();
  bool read_attribute(bool& declares);
  bool read_name(std::string_view& name);
  bool read_declaration_of_xml();
  bool known_reference(std::size_t& length);
  [[nodiscard]] const Binding* find(std::string_view prefix) const;
  bool resolve();
  void leave();
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < bytes_.size() ? bytes_[at_ + ahead] : '\0';
  }

  std::string_view bytes_;
  TagSource source_;
  std::size_t at_ = 0;
  std::size_t token_begin_ = 0;
  std::size_t depth_ = 0;
  bool canonical_ = true;
  bool empty_element_ = false;  // <a/>: its end is still to be given
  bool blank_ = true;
  bool done_ = false;
  std::string_view name_, prefix_, local_, text_;
  Space space_ = Space::none;
  std::array<std::string_view, kMostDepth> open_{};
  std::array<Attribute, kMostAttributes> attributes_{};
  std::size_t attribute_count_ = 0;
  std::array<Binding, kMostBindings> bindings_{};
  std::size_t binding_count_ = 0;
};

}  // namespace s1flow::codecs::duis
