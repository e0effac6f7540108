// Records by what is remembered of the tags of those before: the part of CanonicalDecoder that most
// records go through. Where it does not go on, the rest of the record is read tag by tag, and what
// was missing is learnt by that.

#include "codecs/xml/canonical_bytes.h"
#include "codecs/xml/canonical_decoder.h"

namespace s1flow::codecs {

using canonical_bytes::plain_end;

bool CanonicalDecoder::remembered_record(Cursor& c, std::uint32_t index) {
  if (record_start_place_ == nullptr || record_start_place_->element != index)
    record_start_place_ = memo_.place_for(index, TagMemo::kRecordStart, {});
  if (record_start_place_ == nullptr) {  // there are too many
    c.at += elements_[index].open.size;
    return from_attribute<false>(c, index, tables_->elements[index].attributes_begin);
  }
  TagMemo::Place* here = record_start_place_;
  const char* at = c.at;
  std::uint32_t line = c.line;
  const TagMemo::Edge* edge = TagMemo::edge_at(at, *here);
  while (edge != nullptr) {
    if (!edge->events.empty()) run_events(*edge, at, line);
    at += edge->size;
    line += edge->lines;
    here = edge->to;
    if (here == nullptr) {
      c = {at, line};
      return finish<false>(c, tables_->elements[index]);
    }
    const char* const end = here->is_text ? plain_end<'>'>(at) : plain_end<'"'>(at);
    const std::string_view value(at, static_cast<std::size_t>(end - at));
    edge = TagMemo::edge_at(end, *here);
    if (edge == nullptr || value.size() > limits_.field_bytes || !here->type->accepts(value) ||
        (here->not_empty && value.empty()) ||
        (here->constant != nullptr && value != *here->constant))
      break;
    if (here->leaf != nullptr) builder_.value(*here->leaf, value, line);
    at = end;
  }
  c = {at, line};
  return leave_memo(c, *here);
}

// Goes on tag by tag with the value at this place.
bool CanonicalDecoder::leave_memo(Cursor& c, TagMemo::Place& place) {
  learning_ = memo_.learns_at(place);
  events_.clear();
  learning_from_ = &place;
  learning_begin_ = c;
  const std::uint32_t element = place.element, attribute = place.attribute;
  if (attribute == TagMemo::kRecordStart) {
    c.at += elements_[element].open.size;
    return from_attribute<false>(c, element, tables_->elements[element].attributes_begin);
  }
  frames_.insert(frames_.end(), place.frames.begin(), place.frames.end());
  if (place.is_text) return from_text<false>(c, element);
  if (!attribute_value<false>(c, tables_->attributes[attribute])) return false;
  if (learning_) learn_value_end(c);
  ++c.at;
  return from_attribute<false>(c, element, attribute + 1);
}

void CanonicalDecoder::begin_share(std::int32_t share, const char* at) {
  result_->shares.push_back({.share = static_cast<std::size_t>(share),
                             .bytes = {at, 0},
                             .record = builder_.current().ordinal,
                             .scope = scope_in_force()});
}

void CanonicalDecoder::run_events(const TagMemo::Edge& edge, const char* at, std::uint32_t line) {
  for (const TagMemo::Event& e : edge.events) switch (e.kind) {
      case TagMemo::Event::Kind::group_begin:
        builder_.begin_group(*e.group, line + e.lines);
        break;
      case TagMemo::Event::Kind::group_end:
        builder_.end_group();
        break;
      case TagMemo::Event::Kind::share_begin:
        begin_share(e.share, at + e.offset);
        break;
      case TagMemo::Event::Kind::share_end:
        result_->end_share(e.share, at + e.offset);
        break;
    }
}

// ---- learning

std::string_view CanonicalDecoder::bytes_learnt(const Cursor& c) const {
  return {learning_begin_.at, static_cast<std::size_t>(c.at - learning_begin_.at)};
}

void CanonicalDecoder::learn_value_begin(const Cursor& c, std::uint32_t element,
                                         std::uint32_t attribute) {
  const std::span<const Frame> inside =
      std::span<const Frame>(frames_).subspan(layout_->record_path.size());
  TagMemo::Place* const place = memo_.place_for(element, attribute, inside);
  if (place == nullptr) {
    learning_ = false;
    return;
  }
  if (place->is_text) {
    const XmlTables::Element& e = tables_->elements[element];
    place->type = &tables_->types[e.type];
    place->leaf = e.leaf;
    place->constant = e.has_constant && e.fixed ? &e.constant : nullptr;
    place->not_empty = e.has_constant;
  } else {
    const XmlTables::Attribute& a = tables_->attributes[attribute];
    place->type = &tables_->types[a.type];
    place->leaf = a.leaf;
    place->constant = a.fixed ? &a.constant : nullptr;
  }
  memo_.learn(*learning_from_, bytes_learnt(c), events_, place);
  learning_from_ = place;
}

void CanonicalDecoder::learn_value_end(const Cursor& c) {
  learning_begin_ = c;
  events_.clear();
}

void CanonicalDecoder::learn_event(const Cursor& c, TagMemo::Event::Kind kind,
                                   const XmlTables::Element& element) {
  if (element.is_record) return;  // the decoder does these itself
  events_.push_back({.kind = kind,
                     .offset = static_cast<std::uint32_t>(c.at - learning_begin_.at),
                     .lines = c.line - learning_begin_.line,
                     .group = element.group,
                     .share = element.share});
}

void CanonicalDecoder::learn_record_end(const Cursor& c) {
  memo_.learn(*learning_from_, bytes_learnt(c), events_, nullptr);
  learning_ = false;
}

}  // namespace s1flow::codecs
