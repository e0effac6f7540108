#pragma once
// ElementNames: what is known of an element's name, so that it is measured, judged and put together
// once. libxml2 interns names for as long as a parser lives, so pointers stand for them: one of
// these belongs to one parser. Names keep no more than a fixed number of places, however many a
// document makes up. Not thread-safe.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "codecs/xml/chunk_parser.h"

namespace s1flow::codecs {

class ElementNames {
 public:
  using Interned = const unsigned char*;  // xmlChar
  struct Name {
    Interned local = nullptr;
    Interned prefix = nullptr;
    Interned uri = nullptr;
    std::string_view local_text, uri_text;
    bool too_long = false;  // then neither tag is there
    std::optional<CapturedElement::Kind> captured;
    std::string start, end;  // "<name" and "</name>"
  };

  explicit ElementNames(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  // Good until the next call: another name may take the place. Prefix and URI may be null.
  [[nodiscard]] const Name& of(Interned local, Interned prefix, Interned uri);

 private:
  std::size_t most_bytes_;       // of prefix and local name
  std::array<Name, 256> names_;  // each in the place that its pointers lead to
};

}  // namespace s1flow::codecs
