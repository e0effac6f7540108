#include "tests/codecs/schema_sampler.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "codecs/xml/chunk_parser.h"
#include "core/text.h"

namespace s1flow::codecs {
namespace {

class PatternSampler {
 public:
  PatternSampler(std::string_view pattern, Random& random) : rest_(pattern), random_(random) {}

  std::string branches() {
    std::vector<std::string> all{branch()};
    while (rest_.starts_with('|')) {
      rest_.remove_prefix(1);
      all.push_back(branch());
    }
    return all[random_.below(all.size())];
  }

 private:
  std::string branch() {
    std::string out;
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      const std::string_view before = rest_;
      std::string one = atom();
      const std::string_view spelled = before.substr(0, before.size() - rest_.size());
      std::size_t least = 1, most = 1;
      quantifier(least, most);
      const std::size_t count = least + random_.below(most - least + 1);
      for (std::size_t i = 0; i < count; ++i) {
        const std::string_view kept = rest_;
        rest_ = spelled;
        out += atom();
        rest_ = kept;
      }
    }
    return out;
  }

  void quantifier(std::size_t& least, std::size_t& most) {
    if (rest_.empty()) return;
    constexpr std::size_t kMany = 5;
    switch (rest_.front()) {
      case '?':
        least = 0;
        break;
      case '*':
        least = 0;
        most = kMany;
        break;
      case '+':
        most = kMany;
        break;
      case '{': {
        const std::size_t end = rest_.find('}');
        const std::string_view counts = rest_.substr(1, end - 1);
        const std::size_t comma = counts.find(',');
        least = *parse_decimal(counts.substr(0, comma));
        most = comma == std::string_view::npos ? least
               : comma + 1 == counts.size()    ? least + kMany
                                               : *parse_decimal(counts.substr(comma + 1));
        rest_.remove_prefix(end);
        break;
      }
      default:
        return;
    }
    rest_.remove_prefix(1);
  }

  std::string atom() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '(') {
      std::string inner = branches();
      rest_.remove_prefix(1);
      return inner;
    }
    if (c == '\\') return escaped();
    if (c == '.') return "x";
    if (c != '[') return {c};
    std::string set;
    while (rest_.front() != ']') {
      const char low = plain();
      char high = low;
      if (rest_.starts_with('-') && rest_[1] != ']') {
        rest_.remove_prefix(1);
        high = plain();
      }
      for (int b = low; b <= high; ++b) set += static_cast<char>(b);
    }
    rest_.remove_prefix(1);
    return {set[random_.below(set.size())]};
  }
  char plain() {
    if (rest_.front() == '\\') rest_.remove_prefix(1);
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  std::string escaped() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == 'd') return {static_cast<char>('0' + random_.below(10))};
    if (c == 's') return " ";
    return {c};
  }

  std::string_view rest_;
  Random& random_;
};

class Sampler {
 public:
  Sampler(const Layout& layout, const SampleShape& shape, Random& random)
      : layout_(layout), schema_(*layout.schema), shape_(shape), random_(random) {}

  std::string run() {
    out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    // Prefixes for every namespace of the schema: its own as asked, others as they come.
    for (const SchemaElement& e : schema_.elements) note(e.name.ns);
    for (const SchemaType& t : schema_.types)
      for (const SchemaAttribute& a : t.attributes)
        if (!a.name.ns.empty()) note(a.name.ns);
    const bool unqualified = std::any_of(schema_.elements.begin(), schema_.elements.end(),
                                         [](const SchemaElement& e) { return e.name.ns.empty(); });
    std::size_t i = 0;
    for (auto& [ns, prefix] : prefixes_)
      prefix = ns != schema_.target_namespace ? fmt::format("n{}", i++)
               : !shape_.prefix.empty()       ? shape_.prefix
               : unqualified                  ? "m"
                                              : "";
    element(*layout_.nodes[0].element, 0);
    return out_ + "\n";
  }

 private:
  void note(const std::string& ns) {
    if (!ns.empty() && ns != kDsNamespace && ns != kXencNamespace) prefixes_.try_emplace(ns);
  }
  [[nodiscard]] std::string written(const XmlName& name) const {
    const auto it = prefixes_.find(name.ns);
    return it == prefixes_.end() || it->second.empty() ? name.local : it->second + ":" + name.local;
  }
  void indent(std::size_t depth) {
    if (shape_.indented) out_ += "\n" + std::string(2 * depth, ' ');
  }

  void element(const SchemaElement& e, std::size_t depth) {
    const SchemaType& type = schema_.type_of(e);
    const std::string name = written(e.name);
    out_ += "<" + name;
    if (depth == 0) {
      std::map<std::string, std::string> sorted;
      for (const auto& [ns, prefix] : prefixes_) sorted[prefix] = ns;
      for (const auto& [prefix, ns] : sorted)
        out_ += prefix.empty() ? fmt::format(" xmlns=\"{}\"", ns)
                               : fmt::format(" xmlns:{}=\"{}\"", prefix, ns);
    }
    auto attributes = type.attributes;
    std::sort(attributes.begin(), attributes.end(), [](const auto& a, const auto& b) {
      return std::pair(a.name.ns, a.name.local) < std::pair(b.name.ns, b.name.local);
    });
    for (const SchemaAttribute& a : attributes)
      if (a.required || random_.chance(0.6))
        out_ += fmt::format(
            " {}=\"{}\"", written(a.name),
            a.fixed ? a.constant
                    : text(a.simple_type == static_cast<std::size_t>(-1) ? 0 : a.simple_type));
    out_ += ">";
    if (type.has_text) {
      out_ += e.fixed ? e.constant : text(type.simple_type);
    } else if (type.content) {
      const std::size_t before = out_.size();
      particle(*type.content, depth + 1);
      if (out_.size() != before) indent(depth);
    }
    out_ += "</" + name + ">";
  }

  void particle(const SchemaParticle& p, std::size_t depth) {
    std::uint64_t most =
        p.max == kUnbounded ? p.min + 3 : std::min<std::uint64_t>(p.max, p.min + 3);
    std::uint64_t count = p.min + random_.below(most - p.min + 1);
    if (p.kind == SchemaParticle::Kind::element && is_record(p)) count = shape_.records;
    if (depth > 12) count = p.min;
    for (std::uint64_t i = 0; i < count; ++i) once(p, depth);
  }
  [[nodiscard]] bool is_record(const SchemaParticle& p) const {
    return layout_.nodes[layout_.record_node].element == &schema_.elements[p.element];
  }

  void once(const SchemaParticle& p, std::size_t depth) {
    switch (p.kind) {
      case SchemaParticle::Kind::element:
        indent(depth);
        return element(schema_.elements[p.element], depth);
      case SchemaParticle::Kind::choice:
        if (!p.children.empty()) particle(p.children[random_.below(p.children.size())], depth);
        return;
      case SchemaParticle::Kind::any:
        return foreign(p.any_namespace, depth);
      case SchemaParticle::Kind::all:
      case SchemaParticle::Kind::sequence:
        for (const SchemaParticle& c : p.children) particle(c, depth);
    }
  }

  void foreign(const std::string& ns, std::size_t depth) {
    if (ns == kDsNamespace) {
      if (!shape_.with_signature) return;
      indent(depth);
      out_ += fmt::format(
          "<Signature xmlns=\"{}\"><SignedInfo><Reference URI=\"\"><DigestMethod "
          "Algorithm=\"x\"></DigestMethod></Reference></SignedInfo>\n<SignatureValue>{}"
          "</SignatureValue></Signature>",
          kDsNamespace, octets(48));
    } else if (ns == kXencNamespace) {
      indent(depth);
      out_ += random_.chance(0.5)
                  ? fmt::format(
                        "<EncryptedData xmlns=\"{0}\" Type=\"{0}Element\"><CipherData>"
                        "<CipherValue>{1}</CipherValue></CipherData></EncryptedData>",
                        kXencNamespace, octets(random_.below(200)))
                  : fmt::format(
                        "<e:EncryptedKey xmlns:e=\"{0}\" Id=\"k\"><e:CipherData>"
                        "<e:CipherValue>{1}</e:CipherValue></e:CipherData>"
                        "</e:EncryptedKey>",
                        kXencNamespace, octets(40));
    }
  }

  std::string octets(std::size_t size) {
    std::string bytes, out;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(random_.below(256));
    append_base64(out, as_bytes(bytes));
    return out;
  }

  std::string text(std::size_t index) {
    const SchemaSimpleType& type = schema_.simple_types[index];
    std::uint32_t last = 0;
    for (const SchemaFacet& f : type.facets) last = std::max(last, f.step);
    std::vector<std::string> choices, patterns;
    std::size_t least = 0, most = 12;
    std::uint64_t low = 0, high = 100;
    for (const SchemaFacet& f : type.facets) {
      if (f.name == "enumeration" && f.step == last) choices.push_back(f.value);
      if (f.name == "pattern") patterns.push_back(f.value);
      const std::uint64_t n = parse_decimal(f.value).value_or(0);
      if (f.name == "minLength" || f.name == "length") least = n;
      if (f.name == "maxLength" || f.name == "length") most = n;
      if (f.name == "minInclusive") low = n;
      if (f.name == "maxInclusive") high = n;
    }
    if (!choices.empty()) return choices[random_.below(choices.size())];
    if (!patterns.empty()) return sample_of_pattern(patterns.back(), random_);
    most = std::max(most, least);
    const std::size_t length = least + random_.below(most - least + 1);
    const std::string& b = type.builtin;
    if (b == "base64Binary") return octets(length);
    if (b == "hexBinary") {
      std::string out;
      for (std::size_t i = 0; i < 2 * length; ++i)
        out += "0123456789ABCDEFabcdef"[random_.below(22)];
      return out;
    }
    if (b == "boolean") return random_.chance(0.5) ? "true" : "0";
    if (b == "date") return date();
    if (b == "dateTime")
      return fmt::format("{}T{:02}:{:02}:{:02}{}{}", date(), random_.below(24), random_.below(60),
                         random_.below(60), random_.chance(0.2) ? ".125" : "",
                         random_.chance(0.8) ? "Z" : "");
    if (b == "positiveInteger") low = std::max<std::uint64_t>(low, 1);
    if (b.find("nteger") != std::string::npos || b.find("signed") != std::string::npos ||
        b == "int" || b == "long" || b == "decimal")
      return std::to_string(low + random_.below(high - low + 1));
    std::string out;
    for (std::size_t i = 0; i < length; ++i)
      out += b == "NMTOKEN" ? "ABCabc019._-"[random_.below(12)]
             : i > 0 && i + 1 < length && out.back() != ' ' && random_.chance(0.1)
                 ? ' '
                 : "ABCabc019_-./,()'\";!"[random_.below(b == "string" ? 16 : 13)];
    return out;
  }
  std::string date() {
    return fmt::format("{:04}-{:02}-{:02}", 2000 + random_.below(40), 1 + random_.below(12),
                       1 + random_.below(28));
  }

  const Layout& layout_;
  const SchemaModel& schema_;
  const SampleShape& shape_;
  Random& random_;
  std::map<std::string, std::string> prefixes_;
  std::string out_;
};

}  // namespace

std::string sample_of_pattern(std::string_view pattern, Random& random) {
  return PatternSampler(pattern, random).branches();
}

std::string sample_document(const Layout& layout, const SampleShape& shape, Random& random) {
  return Sampler(layout, shape, random).run();
}

}  // namespace s1flow::codecs
