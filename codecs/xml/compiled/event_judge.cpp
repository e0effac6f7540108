#include "codecs/xml/compiled/event_judge.h"

#include <algorithm>

#include "codecs/byte_match.h"

namespace s1flow::codecs {
namespace {

bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; });
}

// What TextType may be asked about. Pattern::kOverRead bytes follow the text.
bool is_plain(std::string_view text) {
#if defined(__SSE2__)
  constexpr std::size_t kWide = 16;
  static_assert(kWide <= Pattern::kOverRead);
  for (std::size_t at = 0; at < text.size(); at += kWide) {
    const __m128i bytes = byte_match::load(text.data() + at);
    // Signed: bytes beyond ASCII count as below the blank.
    const __m128i low = _mm_cmplt_epi8(bytes, _mm_set1_epi8(' '));
    const __m128i blank = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t')),
                                       _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')));
    const auto others = static_cast<unsigned>(_mm_movemask_epi8(_mm_andnot_si128(blank, low)));
    const std::size_t rest = text.size() - at;
    const unsigned wanted = rest >= kWide ? 0xFFFFU : (1U << rest) - 1U;
    if ((others & wanted) != 0) return false;
  }
  return true;
#else
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<signed char>(c) >= ' ' || c == '\t' || c == '\n';
  });
#endif
}

}  // namespace

void EventJudge::begin() {
  certain_ = true;
  frames_.clear();
  skipped_ = 0;
  text_.clear();
}

bool EventJudge::fits(std::uint32_t type, std::string& value) const {
  const std::size_t size = value.size();
  value.append(Pattern::kOverRead, '\0');
  const std::string_view text = std::string_view(value).substr(0, size);
  const bool fits = is_plain(text) && tables_->types[type].accepts(text);
  value.resize(size);
  return fits;
}

bool EventJudge::attributes_fit(const XmlTables::Element& element,
                                const std::vector<XmlAttribute>& attributes) {
  std::size_t known = 0;
  for (std::uint32_t i = element.attributes_begin; i < element.attributes_end; ++i) {
    const XmlTables::Attribute& declared = tables_->attributes[i];
    const auto given =
        std::find_if(attributes.begin(), attributes.end(), [&](const XmlAttribute& a) {
          return a.local == declared.name.local && a.ns == declared.name.ns;
        });
    if (given == attributes.end()) {
      if (declared.required) return false;
      continue;
    }
    ++known;
    value_ = given->value;
    if (!fits(declared.type, value_)) return false;
    if (declared.fixed && given->value != declared.constant) return false;
  }
  return known == attributes.size();
}

bool EventJudge::open(std::uint32_t index, const std::vector<XmlAttribute>& attributes) {
  const XmlTables::Element& element = tables_->elements[index];
  if (!attributes_fit(element, attributes)) return false;
  frames_.push_back({index, element.first_state});
  text_.clear();
  return true;
}

const XmlTables::Edge* EventJudge::edge_for(std::uint32_t state, std::string_view local,
                                            std::string_view ns) {
  std::vector<Known>& known = known_[state];
  for (const Known& k : known)
    if (k.local == local.data() && k.ns == ns.data()) return k.edge;
  const XmlTables::State& s = tables_->states[state];
  for (std::uint32_t e = s.edges_begin; e < s.edges_end; ++e) {
    const XmlTables::Edge& edge = tables_->edges[e];
    const XmlName& name = tables_->elements[edge.element].name;
    if (name.local != local || name.ns != ns) continue;
    known.push_back({local.data(), ns.data(), &edge});
    return &edge;
  }
  return nullptr;
}

void EventJudge::start(std::string_view local, std::string_view ns,
                       const std::vector<XmlAttribute>& attributes) {
  if (!certain_) return;
  if (skipped_ != 0) {
    ++skipped_;
    return;
  }
  certain_ = [&] {
    if (frames_.empty()) {
      const XmlName& root = tables_->elements[0].name;
      return root.local == local && root.ns == ns && open(0, attributes);
    }
    Frame& frame = frames_.back();
    if (tables_->elements[frame.element].content != XmlTables::Content::elements) return false;
    if (const XmlTables::Edge* const edge = edge_for(frame.state, local, ns)) {
      frame.state = edge->to;
      return open(edge->element, attributes);
    }
    const XmlTables::State& state = tables_->states[frame.state];
    for (std::uint32_t w = state.wildcards_begin; w < state.wildcards_end; ++w)
      if (tables_->wildcards[w].ns == ns) {
        frame.state = tables_->wildcards[w].to;
        skipped_ = 1;
        return true;
      }
    return false;
  }();
}

void EventJudge::text(std::string_view piece) {
  if (!certain_ || skipped_ != 0 || frames_.empty() || piece.empty()) return;
  switch (tables_->elements[frames_.back().element].content) {
    case XmlTables::Content::nothing:
      certain_ = false;
      break;
    case XmlTables::Content::text:
      text_.append(piece);
      break;
    case XmlTables::Content::elements:
      certain_ = is_blank(piece);
      break;
  }
}

void EventJudge::cdata(std::string_view piece) {
  if (skipped_ == 0 && !frames_.empty() &&
      tables_->elements[frames_.back().element].content != XmlTables::Content::text)
    certain_ = false;
  text(piece);
}

void EventJudge::end() {
  if (!certain_) return;
  if (skipped_ != 0) {
    --skipped_;
    return;
  }
  const Frame frame = frames_.back();
  frames_.pop_back();
  const XmlTables::Element& element = tables_->elements[frame.element];
  if (element.content == XmlTables::Content::elements) {
    certain_ = tables_->states[frame.state].accepting;
  } else if (element.content == XmlTables::Content::text) {
    certain_ =
        fits(element.type, text_) &&
        !(element.has_constant && (text_.empty() || (element.fixed && text_ != element.constant)));
  }
}

}  // namespace s1flow::codecs
