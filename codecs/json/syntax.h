#pragma once
// JsonSyntax: is this byte stream one JSON text, exactly as RFC 8259 defines it? A pushdown
// automaton over bytes that builds nothing: any size, any value at the top, UTF-8 only. Duplicate
// keys, lone surrogate escapes and huge numbers are within the grammar and pass; a byte order mark,
// comments, trailing commas and the like are not. Nesting is limited (json.limit).
//
// Not thread-safe.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "codecs/rules.h"

namespace s1flow::codecs {

class JsonSyntax {
 public:
  static constexpr std::size_t kDepth = 100'000;

  // The next bytes. False: there is a fault, and no more bytes are looked at.
  bool feed(std::string_view bytes);
  // The text ends here. True when it was one whole JSON text.
  bool finish();
  // Nothing but white space since the start.
  [[nodiscard]] bool blank() const { return state_ == State::value && stack_.empty() && !fault_; }
  [[nodiscard]] const std::optional<Fault>& fault() const { return fault_; }

 private:
  enum class State : std::uint8_t {
    value,        // a value has to come
    first_value,  // or ']'
    first_key,    // or '}'
    key,          // has to come
    colon,
    after_value,  // ',' or the closing bracket; at the top: the end
    string,
    escape,
    hex,      // digits of \uXXXX
    utf8,     // the rest of a character
    literal,  // the rest of true, false, null
    minus,    // digits have to come
    zero,     // no digit may come
    integer,
    point,  // digits have to come
    fraction,
    e,       // sign or digits have to come
    e_sign,  // digits have to come
    exponent,
  };

  bool step(unsigned char c);
  bool number(unsigned char c);
  bool begin_value(unsigned char c);
  bool begin_character(unsigned char c);
  bool string_byte(unsigned char c);
  bool close(char open);
  void value_ended();
  bool refuse(const Rule& rule, std::string note);

  State state_ = State::value;
  std::string stack_;  // '{' and '[' that are open
  bool in_key_ = false;
  unsigned left_ = 0;                       // of hex digits or of a character's bytes
  unsigned char low_ = 0x80, high_ = 0xBF;  // bounds of the character's next byte
  std::string_view literal_;
  std::uint64_t at_ = 0;
  std::uint64_t line_ = 1;
  std::optional<Fault> fault_;
};

}  // namespace s1flow::codecs
