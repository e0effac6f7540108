#include "codecs/xml/tag_memo.h"

#include <algorithm>

namespace s1flow::codecs {

void TagMemo::clear() {
  places_.clear();
  edges_ = held_ = 0;
  bytes_.reset();
}

TagMemo::Place* TagMemo::place_for(std::uint32_t element, std::uint32_t attribute,
                                   std::span<const Frame> frames) {
  std::vector<std::uint32_t> key{element, attribute};
  for (const Frame& f : frames) {
    key.push_back(f.element);
    key.push_back(f.state);
  }
  const auto known = places_.find(key);
  if (known != places_.end()) return &known->second;
  if (places_.size() >= kMostPlaces) return nullptr;
  Place& place = places_[std::move(key)];
  place.element = element;
  place.attribute = attribute;
  place.is_text = attribute == kNone;
  place.frames.assign(frames.begin(), frames.end());
  return &place;
}

void TagMemo::learn(Place& from, std::string_view bytes, std::span<const Event> events, Place* to) {
  if (!learns_at(from) || bytes.size() > kMostEdgeBytes) return;
  for (const Edge* e = from.edges; e != nullptr; e = e->next)
    if (std::string_view(e->bytes, e->size) == bytes) return;
  std::string padded(bytes);
  padded.append(canonical_bytes::Literal::kOver, '\0');
  const std::span<Event> kept = bytes_.make_array<Event>(events.size());
  std::copy(events.begin(), events.end(), kept.begin());
  Edge& edge = bytes_.make_array<Edge>(1)[0];
  edge.bytes = bytes_.copy(padded).data();
  edge.size = static_cast<std::uint32_t>(bytes.size());
  edge.lines = static_cast<std::uint32_t>(std::count(bytes.begin(), bytes.end(), '\n'));
  edge.to = to;
  edge.events = kept;
  edge.next = from.edges;
  from.edges = from.likely = &edge;
  ++from.edge_count;
  ++edges_;
  held_ += bytes.size();
}

const TagMemo::Edge* TagMemo::other_edge_at(const char* at, Place& place) {
  for (const Edge* e = place.edges; e != nullptr; e = e->next) {
    if (!canonical_bytes::same(at, e->bytes, e->size)) continue;
    place.likely = e;
    return e;
  }
  return nullptr;
}

}  // namespace s1flow::codecs
