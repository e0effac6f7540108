#pragma once
// TagMemo: what CanonicalDecoder has found between one value and the next inside of records. Most
// records of a file have the same tags, so that where a value ends, the bytes up to the next value
// are most often bytes that stood there before: comparing them says all that matching each tag
// against the schema's automaton said then.
//
// Why that is sound: the decoder's decisions between two values depend on nothing but where it
// stands (a Place) and on those bytes (an Edge), and it never looks beyond the '>' or '"' that a
// value follows. So this is the schema's automaton once more, over whole runs of tags, made as far
// as documents need it; the size of it is bounded. Not thread-safe; one per decoder. Nothing is
// allocated but when something is learnt.

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/layout/layout.h"
#include "codecs/xml/canonical_bytes.h"
#include "codecs/xml/compiled/text_type.h"
#include "core/arena.h"

namespace s1flow::codecs {

class TagMemo {
 public:
  static constexpr std::uint32_t kNone = static_cast<std::uint32_t>(-1);
  // As the attribute of a place: not a value, but the '<' of a record.
  static constexpr std::uint32_t kRecordStart = kNone - 1;

  // An open element of the tables, and the state of its content.
  struct Frame {
    std::uint32_t element, state;
    friend bool operator==(const Frame&, const Frame&) = default;
  };

  // What a tag among the bytes of an edge begins or ends.
  struct Event {
    enum class Kind : std::uint8_t { group_begin, group_end, share_begin, share_end };
    Kind kind;
    std::uint32_t offset = 0;  // in the edge's bytes: of the '<', or after the '>'
    std::uint32_t lines = 0;   // that begin before it
    const GroupStart* group = nullptr;
    std::int32_t share = -1;
  };

  struct Place;
  struct Edge {
    const char* bytes = nullptr;  // padded
    std::uint32_t size = 0;
    std::uint32_t lines = 0;  // line feeds among them
    Place* to = nullptr;      // null: these end with the record's end tag
    std::span<const Event> events;
    const Edge* next = nullptr;  // of the same place
  };

  // Where a value begins: of an attribute, or the text of an element; or a record.
  struct Place {
    const TextType* type = nullptr;
    const Leaf* leaf = nullptr;
    const std::string* constant = nullptr;  // the only value that may stand there
    const Edge* likely = nullptr;           // the last that was found; null: none is known
    bool is_text = false;
    bool not_empty = false;

    std::uint32_t element = 0;
    std::uint32_t attribute = kNone;  // none: the text
    std::vector<Frame> frames;        // open around it, from the record on
    const Edge* edges = nullptr;
    std::size_t edge_count = 0;
  };

  void clear();
  // Whether more can be learnt at the place: one that has led to many edges leads to more.
  [[nodiscard]] bool learns_at(const Place& place) const {
    return edges_ < kMostEdges && held_ < kMostBytes && place.edge_count < kMostEdgesOfPlace;
  }
  // A place by its element, attribute and frames; made when it is not known, and then its type,
  // leaf and constant are the caller's to set. Null when there are too many.
  [[nodiscard]] Place* place_for(std::uint32_t element, std::uint32_t attribute,
                                 std::span<const Frame> frames);
  // From one place to another, or to the record's end.
  void learn(Place& from, std::string_view bytes, std::span<const Event> events, Place* to);

  // Null: other bytes stand there than ever before. Some after them are read as well.
  [[nodiscard]] static const Edge* edge_at(const char* at, Place& place) {
    const Edge* const likely = place.likely;
    if (likely == nullptr) return nullptr;
    if (canonical_bytes::same(at, likely->bytes, likely->size)) return likely;
    return other_edge_at(at, place);
  }

 private:
  static constexpr std::size_t kMostPlaces = 1024;
  static constexpr std::size_t kMostEdges = 4096;  // of all places
  static constexpr std::size_t kMostEdgesOfPlace = 16;
  static constexpr std::size_t kMostEdgeBytes = 4096;
  static constexpr std::size_t kMostBytes = std::size_t{1} << 20;  // of all edges

  [[nodiscard]] static const Edge* other_edge_at(const char* at, Place& place);

  // By element, attribute and frames.
  std::map<std::vector<std::uint32_t>, Place> places_;
  std::size_t edges_ = 0;
  std::size_t held_ = 0;  // bytes of theirs
  Arena bytes_;
};

}  // namespace s1flow::codecs
