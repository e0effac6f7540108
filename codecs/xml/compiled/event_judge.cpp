#include "codecs/xml/compiled/event_judge.h"

#include <algorithm>

namespace s1flow::codecs {
namespace {

bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; });
}

// What TextType may be asked about.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<signed char>(c) >= ' ' || c == '\t' || c == '\n';
  });
}

}  // namespace

void EventJudge::begin() {
  certain_ = true;
  frames_.clear();
  skipped_ = 0;
  text_.clear();
}

bool EventJudge::fits(std::uint32_t type, std::string_view value) {
  if (!is_plain(value)) return false;
  // The parser's memory may end where the value does.
  padded_.assign(value);
  padded_.append(Pattern::kOverRead, '\0');
  return tables_->types[type].accepts(std::string_view(padded_).substr(0, value.size()));
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
    if (!fits(declared.type, given->value)) return false;
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

void EventJudge::start(std::string_view local, std::string_view ns,
                       const std::vector<XmlAttribute>& attributes) {
  if (!certain_) return;
  if (skipped_ != 0) {
    ++skipped_;
    return;
  }
  certain_ = [&] {
    const auto is = [&](std::uint32_t index) {
      const XmlName& name = tables_->elements[index].name;
      return name.local == local && name.ns == ns;
    };
    if (frames_.empty()) return is(0) && open(0, attributes);
    Frame& frame = frames_.back();
    if (tables_->elements[frame.element].content != XmlTables::Content::elements) return false;
    const XmlTables::State& state = tables_->states[frame.state];
    for (std::uint32_t e = state.edges_begin; e < state.edges_end; ++e) {
      const XmlTables::Edge& edge = tables_->edges[e];
      if (!is(edge.element)) continue;
      frame.state = edge.to;
      return open(edge.element, attributes);
    }
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
