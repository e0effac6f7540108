#pragma once
// DistinguishedName: the issuer or subject of a certificate, compared as a name and not as text.
// XML writes names in RFC 2253 form, last part first: `CN=Z1,OU=07`, also seen as `CN=Z1, OU=07`.
//
// Two names are equal when they have the same parts in the same order. Blanks around parts and `=`,
// the case of attribute keywords, keyword or object identifier, the way of escaping (\, or \2C or
// quotes or #hex of a string) and `;` for `,` make no difference; nor does the order inside a part
// of several values (`A=1+B=2`). The order of the parts and the bytes of the values do, including
// the case of letters: being stricter here can only refuse a signer, never admit one.
//
// A value; thread-safe.

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace s1flow::codecs::crypto {

class DistinguishedName {
 public:
  static constexpr std::size_t kMaxText = 2048;

  // One attribute: its key (a keyword of RFC 2253 or dotted numbers) and its value as UTF-8, or as
  // "#" and the hex of its DER when it is not a string.
  struct Attribute {
    std::string key;
    std::string value;
    bool is_der = false;
    friend auto operator<=>(const Attribute&, const Attribute&) = default;
  };
  using Part = std::vector<Attribute>;

  DistinguishedName() = default;  // "none"
  // Nothing when the text is no name, is empty or is longer than kMaxText.
  [[nodiscard]] static std::optional<DistinguishedName> parse(std::string_view text);
  // From parts in the order of the text (last part of the encoded name first).
  [[nodiscard]] static DistinguishedName from_parts(std::vector<Part> parts);

  // The one normal text: `CN=Z1,OU=07`; what XML Signature writes as X509IssuerName.
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }

  // The normal text is unique to the name, so comparing it compares the names.
  friend auto operator<=>(const DistinguishedName&, const DistinguishedName&) = default;

 private:
  std::string text_;
};

// The normal key of an object identifier in dotted numbers: its keyword when RFC 2253 or common use
// has one.
[[nodiscard]] std::string_view attribute_key_of(std::string_view dotted);

}  // namespace s1flow::codecs::crypto
