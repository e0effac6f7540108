#include "codecs/json/syntax.h"

#include <fmt/format.h>

#include "core/text.h"

namespace s1flow::codecs {
namespace {

constexpr bool is_blank(unsigned char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
constexpr bool is_digit_byte(unsigned char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

bool JsonSyntax::feed(std::string_view bytes) {
  if (fault_) return false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto c = static_cast<unsigned char>(bytes[i]);
    // Most bytes are plain characters of strings.
    if (state_ == State::string && c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      ++at_;
      continue;
    }
    if (!step(c)) return false;
    ++at_;
    if (c == '\n') ++line_;
  }
  return true;
}

bool JsonSyntax::finish() {
  if (fault_) return false;
  const bool number_ended = state_ == State::zero || state_ == State::integer ||
                            state_ == State::fraction || state_ == State::exponent;
  if (stack_.empty() && (state_ == State::after_value || number_ended)) {
    state_ = State::after_value;
    return true;
  }
  return refuse(kJsonMalformed, blank() ? "there is no value" : "the text ends within a value");
}

bool JsonSyntax::refuse(const Rule& rule, std::string note) {
  fault_.emplace();
  fault_->rule = &rule;
  fault_->byte = at_;
  fault_->line = line_;
  fault_->note = std::move(note);
  return false;
}

void JsonSyntax::value_ended() {
  state_ = State::after_value;
}

bool JsonSyntax::close(char open) {
  if (stack_.empty() || stack_.back() != open)
    return refuse(kJsonMalformed, "a closing bracket that nothing opened");
  stack_.pop_back();
  value_ended();
  return true;
}

bool JsonSyntax::begin_value(unsigned char c) {
  switch (c) {
    case '{':
    case '[':
      if (stack_.size() >= kDepth)
        return refuse(kJsonLimit, fmt::format("values nested deeper than {}", kDepth));
      stack_.push_back(static_cast<char>(c));
      state_ = c == '{' ? State::first_key : State::first_value;
      return true;
    case '"':
      in_key_ = false;
      state_ = State::string;
      return true;
    case '-':
      state_ = State::minus;
      return true;
    case '0':
      state_ = State::zero;
      return true;
    case 't':
      literal_ = "rue";
      state_ = State::literal;
      return true;
    case 'f':
      literal_ = "alse";
      state_ = State::literal;
      return true;
    case 'n':
      literal_ = "ull";
      state_ = State::literal;
      return true;
    default:
      if (!is_digit_byte(c)) return refuse(kJsonMalformed, "no JSON value begins like this");
      state_ = State::integer;
      return true;
  }
}

// The first byte of a character beyond ASCII, by table 3-7 of the Unicode Standard.
bool JsonSyntax::begin_character(unsigned char c) {
  low_ = 0x80;
  high_ = 0xBF;
  if (c >= 0xC2 && c <= 0xDF) {
    left_ = 1;
  } else if (c >= 0xE0 && c <= 0xEF) {
    left_ = 2;
    if (c == 0xE0) low_ = 0xA0;
    if (c == 0xED) high_ = 0x9F;
  } else if (c >= 0xF0 && c <= 0xF4) {
    left_ = 3;
    if (c == 0xF0) low_ = 0x90;
    if (c == 0xF4) high_ = 0x8F;
  } else {
    return refuse(kTextEncoding, "not UTF-8");
  }
  state_ = State::utf8;
  return true;
}

bool JsonSyntax::string_byte(unsigned char c) {
  if (c == '"') {
    if (in_key_)
      state_ = State::colon;
    else
      value_ended();
    return true;
  }
  if (c == '\\') {
    state_ = State::escape;
    return true;
  }
  if (c < 0x20) return refuse(kJsonMalformed, "a control character inside a string");
  return c < 0x80 || begin_character(c);
}

// Bytes inside a number. What ends it belongs to what follows.
bool JsonSyntax::number(unsigned char c) {
  const bool digit = is_digit_byte(c);
  switch (state_) {
    case State::minus:
      if (!digit) return refuse(kJsonMalformed, "a minus sign without digits");
      state_ = c == '0' ? State::zero : State::integer;
      return true;
    case State::point:
      if (!digit) return refuse(kJsonMalformed, "a decimal point without digits after it");
      state_ = State::fraction;
      return true;
    case State::e:
      if (c == '+' || c == '-') {
        state_ = State::e_sign;
        return true;
      }
      [[fallthrough]];
    case State::e_sign:
      if (!digit) return refuse(kJsonMalformed, "an exponent without digits");
      state_ = State::exponent;
      return true;
    default:
      break;
  }
  if (digit) {
    if (state_ == State::zero) return refuse(kJsonMalformed, "a number with a leading zero");
    return true;
  }
  if (c == '.' && (state_ == State::zero || state_ == State::integer)) {
    state_ = State::point;
    return true;
  }
  if ((c == 'e' || c == 'E') && state_ != State::exponent) {
    state_ = State::e;
    return true;
  }
  value_ended();
  return step(c);
}

bool JsonSyntax::step(unsigned char c) {
  switch (state_) {
    case State::string:
      return string_byte(c);
    case State::escape:
      if (c == 'u') {
        left_ = 4;
        state_ = State::hex;
        return true;
      }
      if (std::string_view("\"\\/bfnrt").find(static_cast<char>(c)) == std::string_view::npos)
        return refuse(kJsonMalformed, "an escape that JSON does not have");
      state_ = State::string;
      return true;
    case State::hex:
      if (hex_value(static_cast<char>(c)) < 0 && (c < 'a' || c > 'f'))
        return refuse(kJsonMalformed, "\\u needs four hexadecimal digits");
      if (--left_ == 0) state_ = State::string;
      return true;
    case State::utf8:
      if (c < low_ || c > high_) return refuse(kTextEncoding, "not UTF-8");
      low_ = 0x80;
      high_ = 0xBF;
      if (--left_ == 0) state_ = State::string;
      return true;
    case State::literal:
      if (c != static_cast<unsigned char>(literal_.front()))
        return refuse(kJsonMalformed, "no JSON value begins like this");
      literal_.remove_prefix(1);
      if (literal_.empty()) value_ended();
      return true;
    case State::minus:
    case State::zero:
    case State::integer:
    case State::point:
    case State::fraction:
    case State::e:
    case State::e_sign:
    case State::exponent:
      return number(c);
    default:
      break;
  }
  if (is_blank(c)) return true;
  switch (state_) {
    case State::first_value:
      if (c == ']') return close('[');
      [[fallthrough]];
    case State::value:
      return begin_value(c);
    case State::first_key:
      if (c == '}') return close('{');
      [[fallthrough]];
    case State::key:
      if (c != '"') return refuse(kJsonMalformed, "a key in quotes has to stand here");
      in_key_ = true;
      state_ = State::string;
      return true;
    case State::colon:
      if (c != ':') return refuse(kJsonMalformed, "a colon has to stand here");
      state_ = State::value;
      return true;
    default:
      break;
  }
  // after_value
  if (stack_.empty()) return refuse(kJsonMalformed, "something stands after the value");
  if (c == ',') {
    state_ = stack_.back() == '{' ? State::key : State::value;
    return true;
  }
  if (c == '}') return close('{');
  if (c == ']') return close('[');
  return refuse(kJsonMalformed, "a comma or a closing bracket has to stand here");
}

}  // namespace s1flow::codecs
