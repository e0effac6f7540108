#include "tests/codecs/xml_mutator.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace s1flow::codecs {
namespace {

using namespace std::string_view_literals;

// A tag or a text between two tags.
struct Piece {
  std::size_t begin, end;
  bool tag;
};

std::vector<Piece> pieces_of(std::string_view document) {
  std::vector<Piece> out;
  std::size_t at = 0;
  while (at < document.size()) {
    const bool tag = document[at] == '<';
    std::size_t end = document.find(tag ? '>' : '<', at);
    end = end == std::string_view::npos ? document.size() : end + (tag ? 1 : 0);
    out.push_back({at, end, tag});
    at = end;
  }
  return out;
}

// Texts that are right at some type's border, on either side of it.
constexpr std::string_view kTexts[] = {
    "",
    " ",
    "0",
    "00",
    "1",
    "01",
    "-1",
    "+1",
    "1.0",
    "3600",
    "3601",
    "65535",
    "65536",
    "4294967295",
    "4294967296",
    "999999999999999999",
    "9999999999999999999",
    "18446744073709551615",
    "18446744073709551616",
    "340282366920938463463374607431768211455",
    "340282366920938463463374607431768211456",
    "2024-02-29",
    "2023-02-29",
    "2024-02-30",
    "2024-06-31",
    "2024-13-01",
    "2024-00-10",
    "0000-01-01",
    "2024-06-30Z",
    "2024-06-30+01:00",
    "20240630",
    "2024-6-30",
    "2024-06-30T24:00:00Z",
    "2024-06-30T23:59:60Z",
    "2024-06-30T23:59:59",
    "2024-06-30T23:59:59.123456789Z",
    "2024-06-30T23:59:59.Z",
    "2024-06-30T23:59Z",
    "2024-06-30T23:59:59+00:00",
    "1899-12-31",
    "2201-01-01",
    "00-DB-12-34-56-78-90-A0",
    "00-db-12-34-56-78-90-a0",
    "00DB1234567890A0",
    "00-DB-12-34-56-78-90-A",
    "G0-DB-12-34-56-78-90-A0",
    "1200012345678",
    "120001234567",
    "12000123456789",
    "12345",
    "123456",
    "1234567890",
    "12345678901",
    "true",
    "TRUE",
    "Active",
    "active",
    "Dormant",
    "DCC",
    "A",
    "ADE",
    "AED",
    "AA",
    "aa",
    "AAA",
    "=",
    "====",
    "AA==",
    "AB==",
    "AAA=",
    "AAB=",
    "A===",
    "AAAA",
    "AAA",
    "A A A A",
    "0A",
    "0a",
    "0",
    "0G",
    "0A0",
    "Acme  Co",
    " Acme",
    "Acme ",
    "Ac\tme",
    "Ac\nme",
    "x&amp;y",
    "a&lt;&gt;&amp;b",
    "&quot;",
    "a&quot;b",
    "&amp;",
    "x&#65;y",
    "x&lt;y",
    "x>y",
    "x]]>y",
    "\xC3\xA9",
    "\xE2\x82\xAC",
    "\xEF\xBF\xBE",
    "\x7F",
    "\x01",
    "<![CDATA[x]]>",
    "<!-- c -->x",
    "x<?p i?>",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnop"};

// What may be put into a tag or between tags.
constexpr std::string_view kMarkup[] = {
    "<!-- c -->",
    "<!---->",
    "<![CDATA[]]>",
    "<![CDATA[ ]]>",
    "<?p i?>",
    "<?xml version=\"1.0\"?>",
    "<!DOCTYPE x>",
    "&amp;",
    "&#32;",
    "&#10;",
    "&x;",
    " ",
    "\n",
    "\t",
    "\r",
    "\r\n",
    "\xC2\xA0",
    "x",
    "<x></x>",
    "<x/>",
    "<x xmlns=\"\"></x>",
    "]]>",
    ">",
    "<",
    "</",
    "/>",
    "\"",
    "'",
    "\0"sv,
    "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"></Signature>",
    "<EncryptedData xmlns=\"http://www.w3.org/2001/04/xmlenc#\"></EncryptedData>",
    "<e:EncryptedData "
    "xmlns:e=\"http://www.w3.org/2001/04/xmlenc#\"><e:x>y</e:x></e:EncryptedData>"};
constexpr std::string_view kAttributes[] = {
    " a=\"1\"",
    " zz=\"1\"",
    " id=\"X\"",
    " xmlns=\"\"",
    " xmlns=\"urn:x\"",
    " xmlns:q=\"urn:q\"",
    " xmlns:q=\"\"",
    " xml:lang=\"en\"",
    " xml:space=\"preserve\"",
    "  ",
    "\n",
    "\t",
    " ",
    "/",
    " xsi:type=\"x\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"x\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"",
    " xmlns:m=\"urn:x-s1flow:migration:1\"",
    " xmlns:xml=\"http://www.w3.org/XML/1998/namespace\""};

template <std::size_t kSize>
std::string_view any_of(const std::string_view (&list)[kSize], Random& random) {
  return list[random.below(kSize)];
}

class Mutation {
 public:
  Mutation(std::string& document, Random& random)
      : document_(document), random_(random), pieces_(pieces_of(document)) {}

  void apply() {
    if (document_.empty()) return;
    switch (random_.below(14)) {
      case 0:
        return flip();
      case 1:
        return remove_bytes();
      case 2:
        return insert(random_.below(document_.size() + 1), any_of(kMarkup, random_));
      case 3:
      case 4:
      case 5:
        return replace_text();
      case 6:
        return remove_element();
      case 7:
        return double_element();
      case 8:
        return swap_elements();
      case 9:
        return into_tag();
      case 10:
        return attribute_value();
      case 11:
        return swap_attributes();
      case 12:
        return respell_tag();
      default:
        return between_tags();
    }
  }

 private:
  [[nodiscard]] std::size_t any_piece(bool tag) {
    for (int i = 0; i < 50; ++i) {
      const std::size_t p = random_.below(pieces_.size());
      if (pieces_[p].tag == tag) return p;
    }
    return 0;
  }
  void replace(std::size_t begin, std::size_t end, std::string_view with) {
    document_.replace(begin, end - begin, std::string(with));
  }
  void insert(std::size_t at, std::string_view text) { document_.insert(at, std::string(text)); }

  void flip() {
    char& c = document_[random_.below(document_.size())];
    if (random_.chance(0.5))
      c = static_cast<char>(c ^ static_cast<char>(1U << random_.below(8)));
    else
      c = static_cast<char>(random_.below(256));
  }
  void remove_bytes() {
    const std::size_t at = random_.below(document_.size());
    document_.erase(at, 1 + random_.below(random_.chance(0.5) ? 2 : 40));
  }
  void replace_text() {
    const Piece p = pieces_[any_piece(false)];
    if (random_.chance(0.3) && p.end > p.begin) {
      // One byte of it.
      document_[p.begin + random_.below(p.end - p.begin)] =
          "0123456789ABCDEFXabcdef-+./: \n\t_zZ"[random_.below(34)];
      return;
    }
    if (random_.chance(0.3)) {
      const Piece other = pieces_[any_piece(false)];
      return replace(p.begin, p.end, document_.substr(other.begin, other.end - other.begin));
    }
    replace(p.begin, p.end, any_of(kTexts, random_));
  }

  // The span of the element that opens at a piece; npos as its end when it is not one.
  [[nodiscard]] std::pair<std::size_t, std::size_t> element_at(std::size_t p) const {
    const auto kind = [&](std::size_t i) {
      if (!pieces_[i].tag || document_[pieces_[i].begin + 1] == '?' ||
          document_[pieces_[i].begin + 1] == '!')
        return 0;
      if (document_[pieces_[i].begin + 1] == '/') return -1;
      return document_[pieces_[i].end - 2] == '/' ? 0 : 1;
    };
    if (kind(p) != 1) return {0, std::string::npos};
    int depth = 0;
    for (std::size_t i = p; i < pieces_.size(); ++i) {
      depth += kind(i);
      if (depth == 0) return {pieces_[p].begin, pieces_[i].end};
    }
    return {0, std::string::npos};
  }
  [[nodiscard]] std::pair<std::size_t, std::size_t> any_element() {
    for (int i = 0; i < 20; ++i) {
      const auto e = element_at(any_piece(true));
      if (e.second != std::string::npos && e.second - e.first < document_.size() / 2) return e;
    }
    return {0, 0};
  }
  void remove_element() {
    const auto [begin, end] = any_element();
    document_.erase(begin, end - begin);
  }
  void double_element() {
    const auto [begin, end] = any_element();
    insert(end, document_.substr(begin, end - begin));
  }
  void swap_elements() {
    auto a = any_element(), b = any_element();
    if (a.first > b.first) std::swap(a, b);
    if (a.second > b.first) return;
    const std::string first = document_.substr(a.first, a.second - a.first);
    const std::string second = document_.substr(b.first, b.second - b.first);
    replace(b.first, b.second, first);
    replace(a.first, a.second, second);
  }
  void into_tag() {
    const Piece p = pieces_[any_piece(true)];
    const std::size_t at =
        random_.chance(0.6) ? p.end - 1 : p.begin + 1 + random_.below(p.end - p.begin);
    insert(at, any_of(kAttributes, random_));
  }
  void attribute_value() {
    for (int i = 0; i < 50; ++i) {
      const Piece p = pieces_[any_piece(true)];
      const std::size_t open = document_.find('"', p.begin);
      if (open >= p.end) continue;
      const std::size_t close = document_.find('"', open + 1);
      if (close >= p.end) continue;
      if (random_.chance(0.2)) {
        document_[open] = document_[close] = '\'';
        return;
      }
      return replace(open + 1, close, any_of(kTexts, random_));
    }
  }
  void swap_attributes() {
    for (int i = 0; i < 50; ++i) {
      const Piece p = pieces_[any_piece(true)];
      const std::string tag = document_.substr(p.begin, p.end - p.begin);
      const std::size_t first = tag.find(' ');
      const std::size_t second = first == std::string::npos ? first : tag.find("\" ", first);
      if (second == std::string::npos) continue;
      const std::size_t end = tag.find('"', tag.find('"', second + 2) + 1);
      if (end == std::string::npos) continue;
      return replace(p.begin, p.end,
                     tag.substr(0, first) + tag.substr(second + 1, end - second) +
                         tag.substr(first, second + 1 - first) + tag.substr(end + 1));
    }
  }
  void respell_tag() {
    const std::size_t i = any_piece(true);
    const Piece p = pieces_[i];
    switch (random_.below(4)) {
      case 0:  // <a></a> as <a/>
        if (i + 1 < pieces_.size() && pieces_[i + 1].tag && document_[p.begin + 1] != '/' &&
            document_[pieces_[i + 1].begin + 1] == '/')
          replace(p.end - 1, pieces_[i + 1].end, "/>");
        return;
      case 1:
        return insert(p.begin + 1, "n0:");
      case 2:
        return insert(p.end - 1, "x");
      default:
        return insert(p.end - 1, " ");
    }
  }
  void between_tags() { insert(pieces_[any_piece(true)].end, any_of(kMarkup, random_)); }

  std::string& document_;
  Random& random_;
  std::vector<Piece> pieces_;
};

}  // namespace

std::string mutated(const std::string& document, Random& random) {
  std::string out = document;
  const std::uint64_t changes = random.chance(0.7) ? 1 : 2 + random.below(2);
  for (std::uint64_t i = 0; i < changes; ++i) Mutation(out, random).apply();
  return out;
}

}  // namespace s1flow::codecs
