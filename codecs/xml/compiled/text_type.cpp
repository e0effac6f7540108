#include "codecs/xml/compiled/text_type.h"

#include <algorithm>
#include <cstring>
#include <map>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "core/text.h"
#include "core/usual_time.h"

namespace s1flow::codecs {
namespace {

// Numbers of more digits are left to libxml2, so that nothing overflows here.
constexpr std::size_t kMostDigits = 18;

bool digits_at(std::string_view text, std::size_t at, std::size_t count, unsigned& value) {
  value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (!is_digit(text[i])) return false;
    value = value * 10 + static_cast<unsigned>(text[i] - '0');
  }
  return true;
}

bool leap(unsigned year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

// "2024-06-30" at the start of `text`.
bool date_fits(std::string_view text) {
  unsigned year = 0, month = 0, day = 0;
  if (text.size() < 10 || text[4] != '-' || text[7] != '-' || !digits_at(text, 0, 4, year) ||
      !digits_at(text, 5, 2, month) || !digits_at(text, 8, 2, day))
    return false;
  constexpr unsigned kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year == 0 || month < 1 || month > 12 || day < 1) return false;
  return day <= kDays[month - 1] + (month == 2 && leap(year) ? 1U : 0U);
}

// "T09:30:00", a fraction of up to nine digits, and Z or nothing.
bool time_fits(std::string_view text) {
  unsigned hour = 0, minute = 0, second = 0;
  if (text.size() < 9 || text[0] != 'T' || text[3] != ':' || text[6] != ':' ||
      !digits_at(text, 1, 2, hour) || !digits_at(text, 4, 2, minute) ||
      !digits_at(text, 7, 2, second) || hour > 23 || minute > 59 || second > 59)
    return false;
  text.remove_prefix(9);
  if (text.ends_with('Z')) text.remove_suffix(1);
  if (text.empty()) return true;
  return text.size() >= 2 && text.size() <= 10 && text[0] == '.' && all_digits(text.substr(1));
}

// Whether it is of the form that nearly every time has, and so plain that no calendar is needed.
// Anything else is looked at again, with more care.
bool usual_time_fits(std::string_view text) {
  UsualTime t;
  return read_usual_time(text, t) && t.year != 0 && t.month >= 1 && t.month <= 12 && t.day >= 1 &&
         t.day <= 28 && t.hour <= 23 && t.minute <= 59 && t.second <= 59;
}

bool is_one_of(const std::vector<std::string>& values, std::string_view text) {
  for (const std::string& v : values)
    if (v.size() == text.size() && std::memcmp(v.data(), text.data(), v.size()) == 0) return true;
  return false;
}

bool is_name_byte(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || is_upper(c) || c == '.' || c == '-' || c == '_' ||
         c == ':';
}

int base64_value(char c) {
  if (is_upper(c)) return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (is_digit(c)) return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

struct Base64Table {
  signed char of[256] = {};
  constexpr Base64Table() {
    for (signed char& v : of) v = -1;
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < kDigits.size(); ++i)
      of[static_cast<unsigned char>(kDigits[i])] = static_cast<signed char>(i);
  }
};
constexpr Base64Table kBase64;

// Groups of four without blanks; no bits set after the end.
bool base64_fits(std::string_view text, std::size_t& octets) {
  if (text.size() % 4 != 0) return false;
  octets = text.size() / 4 * 3;
  if (text.empty()) return true;
  if (text.back() == '=') {
    const bool two = text[text.size() - 2] == '=';
    octets -= two ? 2 : 1;
    text.remove_suffix(two ? 2 : 1);
    const int last = base64_value(text.back());
    if (last < 0 || (last & (two ? 15 : 3)) != 0) return false;
  }
  int all = 0;
#if defined(__SSE2__)
  constexpr std::size_t kWide = 16;
  const auto within = [](__m128i bytes, char low, char high) {
    const __m128i clamped =
        _mm_min_epu8(_mm_max_epu8(bytes, _mm_set1_epi8(low)), _mm_set1_epi8(high));
    return _mm_cmpeq_epi8(clamped, bytes);
  };
  __m128i good = _mm_set1_epi8(-1);
  while (text.size() >= kWide) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data()));
    const __m128i letter = _mm_or_si128(within(bytes, 'A', 'Z'), within(bytes, 'a', 'z'));
    const __m128i other =
        _mm_or_si128(within(bytes, '/', '9'), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('+')));
    good = _mm_and_si128(good, _mm_or_si128(letter, other));
    text.remove_prefix(kWide);
  }
  if (_mm_movemask_epi8(good) != 0xFFFF) return false;
#endif
  for (const char c : text) all |= kBase64.of[static_cast<unsigned char>(c)];
  return all >= 0;
}

}  // namespace

std::optional<TextType> TextType::compile(const SchemaSimpleType& type) {
  if (type.list_or_union) return std::nullopt;
  TextType t;
  if (!t.set_builtin(type.builtin)) return std::nullopt;
  std::map<std::uint32_t, std::vector<std::string>> patterns, enumerations;
  for (const SchemaFacet& f : type.facets) {
    if (f.name == "pattern")
      patterns[f.step].push_back(f.value);
    else if (f.name == "enumeration")
      enumerations[f.step].push_back(f.value);
    else if (!t.add_facet(f))
      return std::nullopt;
  }
  // The plain forms of the other built-in types hold no blanks at all.
  t.check_space_ = t.space_ != Space::preserve && t.lexical_ == Lexical::any;
  for (const auto& [step, alternatives] : patterns) {
    auto pattern = Pattern::compile(alternatives);
    if (!pattern || !pattern->libxml2_agrees(alternatives)) return std::nullopt;
    if (!pattern->may_hold(' ') && !pattern->may_hold('\t') && !pattern->may_hold('\n'))
      t.check_space_ = false;
    t.patterns_.push_back(std::move(*pattern));
  }
  for (auto& [step, values] : enumerations) t.enumerations_.push_back(std::move(values));
  t.only_pattern_ = t.patterns_.size() == 1 && t.enumerations_.empty() && !t.check_space_ &&
                    t.lexical_ == Lexical::any && t.least_length_ == 0 &&
                    t.most_length_ == static_cast<std::size_t>(-1);
  return t;
}

bool TextType::set_builtin(const std::string& name) {
  if (name == "string") return true;
  if (name == "normalizedString") {
    space_ = Space::replace;
    return true;
  }
  space_ = Space::collapse;
  if (name == "token") return true;
  if (name == "NMTOKEN")
    lexical_ = Lexical::name_token;
  else if (name == "boolean")
    lexical_ = Lexical::boolean;
  else if (name == "date")
    lexical_ = Lexical::date;
  else if (name == "dateTime")
    lexical_ = Lexical::date_time;
  else if (name == "hexBinary")
    lexical_ = Lexical::hex;
  else if (name == "base64Binary")
    lexical_ = Lexical::base64;
  else
    lexical_ = Lexical::number;
  if (lexical_ != Lexical::number) return true;
  // Only digits are read, so what matters of each type of number is its largest value.
  static const std::map<std::string, std::uint64_t, std::less<>> kMost{
      {"decimal", ~std::uint64_t{0}},
      {"integer", ~std::uint64_t{0}},
      {"nonNegativeInteger", ~std::uint64_t{0}},
      {"positiveInteger", ~std::uint64_t{0}},
      {"unsignedLong", ~std::uint64_t{0}},
      {"long", 9223372036854775807U},
      {"unsignedInt", 4294967295U},
      {"int", 2147483647},
      {"unsignedShort", 65535},
      {"short", 32767},
      {"unsignedByte", 255},
      {"byte", 127}};
  const auto it = kMost.find(name);
  if (it == kMost.end()) return false;
  most_ = it->second;
  if (name == "positiveInteger") least_ = 1;
  return true;
}

bool TextType::add_facet(const SchemaFacet& facet) {
  if (facet.name == "whiteSpace") {
    if (facet.value == "collapse")
      space_ = Space::collapse;
    else if (facet.value == "replace" && space_ == Space::preserve)
      space_ = Space::replace;
    else
      return facet.value == "preserve" ? space_ == Space::preserve : facet.value == "replace";
    return true;
  }
  if (facet.value.size() > kMostDigits) return false;
  const auto value = parse_decimal(facet.value);
  if (!value) return false;
  const bool measured = lexical_ == Lexical::any || lexical_ == Lexical::name_token ||
                        lexical_ == Lexical::hex || lexical_ == Lexical::base64;
  if (facet.name == "length" || facet.name == "minLength" || facet.name == "maxLength") {
    if (!measured) return false;
    if (facet.name != "maxLength") least_length_ = std::max<std::size_t>(least_length_, *value);
    if (facet.name != "minLength") most_length_ = std::min<std::size_t>(most_length_, *value);
    return true;
  }
  if (lexical_ != Lexical::number) return false;
  if (facet.name == "minInclusive")
    least_ = std::max(least_, *value);
  else if (facet.name == "maxInclusive")
    most_ = std::min(most_, *value);
  else if (facet.name == "minExclusive")
    least_ = std::max(least_, *value + 1);
  else if (facet.name == "maxExclusive" && *value > 0)
    most_ = std::min(most_, *value - 1);
  else
    return false;
  return true;
}

bool TextType::accepts_all(std::string_view text) const {
  if (check_space_ && !spaces_fit(text)) return false;
  for (const Pattern& p : patterns_)
    if (!p.matches(text)) return false;
  std::size_t length = text.size();
  if (lexical_ != Lexical::any && !lexical_fits(text, length)) return false;
  if (length < least_length_ || length > most_length_) return false;
  for (const auto& values : enumerations_)
    if (!is_one_of(values, text)) return false;
  return true;
}

// Whether normalisation would leave the text as it is.
bool TextType::spaces_fit(std::string_view text) const {
  if (text.empty()) return true;
  if (space_ == Space::collapse && (text.front() == ' ' || text.back() == ' ')) return false;
  char before = 'x';
  for (const char c : text) {
    if (c == '\t' || c == '\n') return false;
    if (c == ' ' && before == ' ' && space_ == Space::collapse) return false;
    before = c;
  }
  return true;
}

bool TextType::lexical_fits(std::string_view text, std::size_t& length) const {
  switch (lexical_) {
    case Lexical::any:
      return true;
    case Lexical::name_token:
      return !text.empty() && std::all_of(text.begin(), text.end(), is_name_byte);
    case Lexical::boolean:
      return text == "true" || text == "false" || text == "0" || text == "1";
    case Lexical::number:
      return number_fits(text);
    case Lexical::date:
      return date_fits(text) && (text.size() == 10 || text.substr(10) == "Z");
    case Lexical::date_time:
      return usual_time_fits(text) || (date_fits(text) && time_fits(text.substr(10)));
    case Lexical::hex:
      length = text.size() / 2;
      return text.size() % 2 == 0 &&
             std::all_of(text.begin(), text.end(), [](char c) { return hex_value(c) >= 0; });
    case Lexical::base64:
      return base64_fits(text, length);
  }
  return false;
}

bool TextType::number_fits(std::string_view text) const {
  if (text.size() > kMostDigits) return false;
  const auto value = parse_decimal(text);
  return value && *value >= least_ && *value <= most_;
}

}  // namespace s1flow::codecs
