#pragma once
// TextType: a simple type of an XML Schema, compiled for one question: is this text certainly a
// value of it? The answer "no" means "not certainly": XmlSchema has to be asked. So of each
// built-in type only the plain forms are known (no time zones but Z, no signs, no fractions of
// numbers), and a type with something unknown in it does not compile.
//
// Immutable; thread-safe.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/xml/compiled/pattern.h"
#include "codecs/xml/schema_model.h"

namespace s1flow::codecs {

class TextType {
 public:
  [[nodiscard]] static std::optional<TextType> compile(const SchemaSimpleType& type);

  // `text` is ASCII without control characters other than tab and line feed; up to
  // Pattern::kOverRead bytes after it are read.
  [[nodiscard]] bool accepts(std::string_view text) const {
    return only_pattern_ ? patterns_.front().matches(text) : accepts_all(text);
  }

 private:
  [[nodiscard]] bool accepts_all(std::string_view text) const;

  enum class Lexical : std::uint8_t {
    any,
    name_token,
    boolean,
    number,
    date,
    date_time,
    hex,
    base64,
  };
  enum class Space : std::uint8_t { preserve, replace, collapse };

  [[nodiscard]] bool set_builtin(const std::string& name);
  [[nodiscard]] bool add_facet(const SchemaFacet& facet);
  [[nodiscard]] bool spaces_fit(std::string_view text) const;
  // The length that length facets count; nothing when the form is not known.
  [[nodiscard]] bool lexical_fits(std::string_view text, std::size_t& length) const;
  [[nodiscard]] bool number_fits(std::string_view text) const;

  Lexical lexical_ = Lexical::any;
  Space space_ = Space::preserve;
  bool check_space_ = true;
  bool only_pattern_ = false;  // one pattern says it all
  std::size_t least_length_ = 0, most_length_ = static_cast<std::size_t>(-1);
  std::uint64_t least_ = 0, most_ = static_cast<std::uint64_t>(-1);  // of numbers
  std::vector<Pattern> patterns_;                                    // all have to match
  std::vector<std::vector<std::string>> enumerations_;               // one of each has to be equal
};

}  // namespace s1flow::codecs
