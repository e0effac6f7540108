#include "codecs/crypto/distinguished_name.h"

#include <algorithm>
#include <array>

#include "codecs/crypto/xml_characters.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

struct Keyword {
  std::string_view name;
  std::string_view dotted;
};
// RFC 2253 section 2.3, and the two that these certificates use beside them.
constexpr std::array<Keyword, 12> kKeywords{{{"CN", "2.5.4.3"},
                                             {"SERIALNUMBER", "2.5.4.5"},
                                             {"C", "2.5.4.6"},
                                             {"L", "2.5.4.7"},
                                             {"ST", "2.5.4.8"},
                                             {"STREET", "2.5.4.9"},
                                             {"O", "2.5.4.10"},
                                             {"OU", "2.5.4.11"},
                                             {"S", "2.5.4.8"},
                                             {"UID", "0.9.2342.19200300.100.1.1"},
                                             {"DC", "0.9.2342.19200300.100.1.25"},
                                             {"x500UniqueIdentifier", "2.5.4.45"}}};

bool is_special(char c) {
  return std::string_view(",+\"\\<>;").find(c) != std::string_view::npos;
}

bool is_dotted(std::string_view text) {
  bool digit_before = false;
  for (const char c : text) {
    if (c == '.' && !digit_before) return false;
    if (c != '.' && !is_digit(c)) return false;
    digit_before = c != '.';
  }
  return digit_before && text.find('.') != std::string_view::npos;
}

// Keywords come in capitals or in small letters. A mixture is no way that anybody writes them, and
// would let single bits of a signed file change unseen.
bool is_keyword(std::string_view text, std::string_view keyword) {
  return text == keyword ||
         (equals_ignoring_case(text, keyword) && std::none_of(text.begin(), text.end(), &is_upper));
}

std::optional<std::string> normal_key(std::string_view text) {
  if (is_keyword(text.substr(0, 4), "OID.")) text.remove_prefix(4);
  if (is_dotted(text)) return std::string(attribute_key_of(text));
  for (const Keyword& k : kKeywords)
    if (is_keyword(text, k.name)) return std::string(attribute_key_of(k.dotted));
  return std::nullopt;
}

// The DER of a UTF8String, PrintableString or IA5String in short form gives its text; all else
// stays hex, so that #0C025A31 and Z1 are one value.
void set_der(DistinguishedName::Attribute& attribute, std::string_view der) {
  const auto tag = static_cast<unsigned char>(der.empty() ? '\0' : der[0]);
  const bool string = tag == 0x0C || tag == 0x13 || tag == 0x16;
  if (string && der.size() >= 2 && static_cast<unsigned char>(der[1]) == der.size() - 2 &&
      der.size() < 130 && find_invalid_utf8(der.substr(2)) == std::string_view::npos) {
    attribute.value = der.substr(2);
    return;
  }
  attribute.is_der = true;
  append_hex(attribute.value, as_bytes(der));
}

// Reads names; `rest` is what is still to read.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::optional<std::vector<DistinguishedName::Part>> read() {
    std::vector<DistinguishedName::Part> parts(1);
    for (;;) {
      DistinguishedName::Attribute attribute;
      if (!read_key(attribute) || !read_value(attribute)) return std::nullopt;
      parts.back().push_back(std::move(attribute));
      skip_blanks();
      if (rest_.empty()) return parts;
      const char separator = rest_.front();
      if (separator != ',' && separator != ';' && separator != '+') return std::nullopt;
      rest_.remove_prefix(1);
      if (separator != '+') parts.emplace_back();
    }
  }

 private:
  void skip_blanks() {
    while (!rest_.empty() && is_xml_blank(rest_.front())) rest_.remove_prefix(1);
  }

  bool read_key(DistinguishedName::Attribute& attribute) {
    const std::size_t equals = rest_.find('=');
    if (equals == std::string_view::npos) return false;
    auto key = normal_key(trim(rest_.substr(0, equals)));
    if (!key) return false;
    attribute.key = *std::move(key);
    rest_.remove_prefix(equals + 1);
    skip_blanks();
    return true;
  }

  // After a backslash: a special character, or two hex digits.
  bool read_escaped(std::string& value) {
    if (rest_.empty()) return false;
    const char c = rest_.front();
    if (is_special(c) || c == '#' || c == '=' || c == ' ') {
      value.push_back(c);
      rest_.remove_prefix(1);
      return true;
    }
    const auto byte = decode_hex(rest_.substr(0, 2));
    if (!byte || byte->size() != 1) return false;
    value += *byte;
    rest_.remove_prefix(2);
    return true;
  }

  bool read_quoted(std::string& value) {
    rest_.remove_prefix(1);
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return true;
      if (c == '\\') {
        if (!read_escaped(value)) return false;
      } else {
        value.push_back(c);
      }
    }
    return false;
  }

  bool read_plain(std::string& value) {
    std::size_t keep = 0;  // unescaped blanks at the end do not count
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == ',' || c == ';' || c == '+') break;
      if (c == '"' || c == '<' || c == '>') return false;
      rest_.remove_prefix(1);
      if (c == '\\') {
        if (!read_escaped(value)) return false;
        keep = value.size();
      } else {
        value.push_back(c);
        if (!is_xml_blank(c)) keep = value.size();
      }
    }
    value.resize(keep);
    return true;
  }

  bool read_value(DistinguishedName::Attribute& attribute) {
    if (rest_.starts_with('#')) {
      rest_.remove_prefix(1);
      std::size_t count = 0;
      while (count < rest_.size() && hex_value(rest_[count]) >= 0) ++count;
      const auto der = decode_hex(rest_.substr(0, count));
      if (!der || der->empty()) return false;
      rest_.remove_prefix(count);
      set_der(attribute, *der);
      return true;
    }
    const bool read =
        rest_.starts_with('"') ? read_quoted(attribute.value) : read_plain(attribute.value);
    return read && !attribute.value.empty() &&
           find_invalid_utf8(attribute.value) == std::string_view::npos;
  }

  std::string_view rest_;
};

void append_value(std::string& out, const DistinguishedName::Attribute& attribute) {
  if (attribute.is_der) {
    out += '#';
    out += attribute.value;
    return;
  }
  const std::string& value = attribute.value;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const auto byte = static_cast<unsigned char>(c);
    const bool edge = i == 0 || i + 1 == value.size();
    if (byte < 0x20 || byte == 0x7F) {
      out += '\\';
      append_hex(out, {&byte, 1});
      continue;
    }
    if (is_special(c) || (c == ' ' && edge) || (c == '#' && i == 0)) out += '\\';
    out += c;
  }
}

}  // namespace

std::string_view attribute_key_of(std::string_view dotted) {
  for (const Keyword& k : kKeywords)
    if (k.dotted == dotted) return k.name;
  return dotted;
}

std::optional<DistinguishedName> DistinguishedName::parse(std::string_view text) {
  if (text.size() > kMaxText) return std::nullopt;
  auto parts = Reader(text).read();
  if (!parts) return std::nullopt;
  return from_parts(*std::move(parts));
}

DistinguishedName DistinguishedName::from_parts(std::vector<Part> parts) {
  DistinguishedName name;
  for (Part& part : parts) {
    std::sort(part.begin(), part.end());
    if (!name.text_.empty()) name.text_ += ',';
    bool first = true;
    for (const Attribute& attribute : part) {
      if (!first) name.text_ += '+';
      first = false;
      name.text_ += attribute.key;
      name.text_ += '=';
      append_value(name.text_, attribute);
    }
  }
  return name;
}

}  // namespace s1flow::codecs::crypto
