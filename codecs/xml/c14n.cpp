#include "codecs/xml/c14n.h"

#include <algorithm>
#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace s1flow::codecs {
namespace {

// Bytes that are written otherwise than they are. The library looks for one of several byte by
// byte, with a call for each.
struct Special {
  std::string_view bytes;
  bool of[256] = {};
  constexpr explicit Special(std::string_view all) : bytes(all) {
    for (const char c : all) of[static_cast<unsigned char>(c)] = true;
  }

  // The first of them from `at` on, or the text's size.
  [[nodiscard]] std::size_t find(std::string_view text, std::size_t at) const {
#if defined(__SSE2__)
    for (constexpr std::size_t kWide = 16; at + kWide <= text.size(); at += kWide) {
      const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
      __m128i found = _mm_setzero_si128();
      for (const char c : bytes)
        found = _mm_or_si128(found, _mm_cmpeq_epi8(block, _mm_set1_epi8(c)));
      const auto mask = static_cast<unsigned>(_mm_movemask_epi8(found));
      if (mask != 0) return at + static_cast<unsigned>(std::countr_zero(mask));
    }
#endif
    while (at < text.size() && !of[static_cast<unsigned char>(text[at])]) ++at;
    return at;
  }
};
constexpr Special kInText("&<>\r"), kInAttribute("&<\"\t\n\r"), kInInstruction("\r");

// Appends `text` with each byte of kSpecial replaced by what `escape` gives for it.
template <const Special& kSpecial, typename Escape>
void append_escaped(std::string& out, std::string_view text, Escape escape) {
  std::size_t from = 0;
  for (std::size_t at = 0; (at = kSpecial.find(text, at)) < text.size(); from = ++at) {
    out.append(text.substr(from, at - from));
    out.append(escape(text[at]));
  }
  out.append(text.substr(from));
}

}  // namespace

void append_c14n_text(std::string& out, std::string_view text) {
  append_escaped<kInText>(out, text, [](char c) -> std::string_view {
    switch (c) {
      case '&':
        return "&amp;";
      case '<':
        return "&lt;";
      case '>':
        return "&gt;";
      default:
        return "&#xD;";
    }
  });
}

void append_c14n_attribute(std::string& out, std::string_view value) {
  append_escaped<kInAttribute>(out, value, [](char c) -> std::string_view {
    switch (c) {
      case '&':
        return "&amp;";
      case '<':
        return "&lt;";
      case '"':
        return "&quot;";
      case '\t':
        return "&#x9;";
      case '\n':
        return "&#xA;";
      default:
        return "&#xD;";
    }
  });
}

void C14nWriter::start(std::string* out, C14nForm form) {
  out_ = out;
  form_ = form;
  scope_.clear();
  marks_.clear();
  root_done_ = false;
}

std::string_view C14nWriter::rendered(std::string_view prefix) const {
  for (std::size_t i = scope_.size(); i-- > 0;)
    if (scope_[i].prefix == prefix) return scope_[i].uri;
  return {};
}

void C14nWriter::show(std::string_view prefix, std::string_view uri) {
  if (prefix == "xml" || rendered(prefix) == uri) return;
  for (const XmlNamespace& n : fresh_)
    if (n.prefix == prefix) return;
  fresh_.push_back({prefix, uri});
}

void C14nWriter::show(const std::vector<XmlNamespace>& declared) {
  for (const XmlNamespace& n : declared)
    if (n.prefix != "xml" && rendered(n.prefix) != n.uri) fresh_.push_back(n);
}

void C14nWriter::open_scope() {
  std::sort(fresh_.begin(), fresh_.end(),
            [](const XmlNamespace& a, const XmlNamespace& b) { return a.prefix < b.prefix; });
  for (const XmlNamespace& n : fresh_)
    scope_.push_back({std::string(n.prefix), std::string(n.uri)});
}

void C14nWriter::close_scope() {
  scope_.resize(marks_.back());
  marks_.pop_back();
  if (marks_.empty()) root_done_ = true;
}

void C14nWriter::end_start_tag(std::vector<XmlAttribute>& attributes) {
  std::string& out = *out_;
  for (const XmlNamespace& n : fresh_) {
    out += n.prefix.empty() ? " xmlns" : " xmlns:";
    out.append(n.prefix).append("=\"");
    append_c14n_attribute(out, n.uri);
    out.push_back('"');
  }
  if (attributes.size() > 1)
    std::sort(attributes.begin(), attributes.end(),
              [](const XmlAttribute& a, const XmlAttribute& b) {
                return a.ns != b.ns ? a.ns < b.ns : a.local < b.local;
              });
  for (const XmlAttribute& a : attributes) {
    out.push_back(' ');
    if (!a.prefix.empty()) out.append(a.prefix).push_back(':');
    out.append(a.local).append("=\"");
    append_c14n_attribute(out, a.value);
    out.push_back('"');
  }
  out.push_back('>');
}

void C14nWriter::start_element(std::string_view prefix, std::string_view local,
                               const std::vector<XmlNamespace>& declared,
                               std::vector<XmlAttribute>& attributes, std::string_view ns) {
  marks_.push_back(scope_.size());
  fresh_.clear();
  if (form_ == C14nForm::inclusive) {
    show(declared);
  } else {
    // What the tag visibly uses, wherever it is declared.
    show(prefix, ns);
    for (const XmlAttribute& a : attributes)
      if (!a.prefix.empty()) show(a.prefix, a.ns);
  }
  open_scope();
  if (out_ == nullptr) return;
  out_->push_back('<');
  if (!prefix.empty()) out_->append(prefix).push_back(':');
  out_->append(local);
  end_start_tag(attributes);
}

void C14nWriter::end_element(std::string_view prefix, std::string_view local) {
  close_scope();
  if (out_ == nullptr) return;
  *out_ += "</";
  if (!prefix.empty()) out_->append(prefix).push_back(':');
  out_->append(local).push_back('>');
}

void C14nWriter::start_written(std::string_view tag, const std::vector<XmlNamespace>& declared,
                               std::vector<XmlAttribute>& attributes) {
  marks_.push_back(scope_.size());
  fresh_.clear();
  if (!declared.empty()) {
    show(declared);
    open_scope();
  }
  if (out_ == nullptr) return;
  out_->append(tag);
  end_start_tag(attributes);
}

void C14nWriter::end_written(std::string_view tag) {
  close_scope();
  if (out_ != nullptr) out_->append(tag);
}

void C14nWriter::text(std::string_view text) {
  // Outside the root there is only white space, which has no canonical form.
  if (out_ != nullptr && !marks_.empty()) append_c14n_text(*out_, text);
}

void C14nWriter::processing_instruction(std::string_view target, std::string_view data) {
  if (out_ == nullptr) return;
  const bool outside = marks_.empty();
  if (outside && root_done_) out_->push_back('\n');
  out_->append("<?").append(target);
  if (!data.empty()) {
    out_->push_back(' ');
    // A carriage return in a PI came from a character the parser kept; canonical form writes it as
    // a reference.
    append_escaped<kInInstruction>(*out_, data, [](char) { return "&#xD;"; });
  }
  out_->append("?>");
  if (outside && !root_done_) out_->push_back('\n');
}

}  // namespace s1flow::codecs
