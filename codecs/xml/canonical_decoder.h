#pragma once
// CanonicalDecoder: the fast path for XML. It reads a chunk whose bytes are already canonical XML
// and valid by the layout's schema, matching them against XmlTables: then records are views into
// the chunk, and the canonical form is the chunk itself. Everything else it declines, whatever is
// the matter: an entity, a comment, a CDATA section, a quote or blank in an unusual place, a byte
// beyond ASCII, a value that may not fit its type. XmlChunkParser then asks libxml2, whose verdict
// stands. So it never reports a fault of container or schema; faults of values, which come after
// the schema, it reports by the same RecordBuilder.
//
// What it accepts, libxml2 accepts with the same records, faults and canonical bytes; tests and the
// fuzz target `fast_path` compare the two. Not thread-safe; one per worker, reused; the steady
// state allocates nothing.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codecs/framer.h"
#include "codecs/layout/layout.h"
#include "codecs/record_builder.h"
#include "codecs/xml/canonical_bytes.h"
#include "codecs/xml/chunk_parser.h"
#include "codecs/xml/compiled/tables.h"
#include "codecs/xml/tag_memo.h"

namespace s1flow::codecs {

class CanonicalDecoder {
 public:
  CanonicalDecoder(std::shared_ptr<const Layout> layout, std::shared_ptr<const XmlTables> tables,
                   const Limits& limits);

  // As XmlChunkParser::parse. False: declined; `result` is then cleared, and `header` and `trailer`
  // are as before.
  [[nodiscard]] bool decode(const Chunk& chunk, std::string_view head, Arena& arena, Record* header,
                            Record* trailer, XmlChunkResult& result);

 private:
  // Bytes that may be read past the end of what is matched.
  static constexpr std::size_t kOverRead = Buffer::kPadding;
  static_assert(kOverRead >= canonical_bytes::Literal::kOver + Pattern::kOverRead);

  // Where reading stands.
  struct Cursor {
    const char* at;
    std::uint32_t line;  // in the chunk, from 0
  };
  using Literal = canonical_bytes::Literal;
  struct BoundElement {
    Literal open;         // "<Name", with its '>' when there are no attributes
    Literal close;        // "</Name>"
    bool usable = false;  // the document has a prefix for it
    // A text and no more: nothing of its own begins or ends with it.
    bool plain = false;
    const TextType* type = nullptr;  // of a plain one
    const Leaf* leaf = nullptr;      // of a plain one
  };
  // The edges of XmlTables whose elements are usable, state by state.
  struct BoundEdge {
    Literal open;
    bool whole = false;  // the literal has the '>'
    std::uint32_t element = 0, to = 0;
  };
  struct BoundState {
    const BoundEdge* begin = nullptr;
    const BoundEdge* end = nullptr;
  };
  using Frame = TagMemo::Frame;
  struct Declaration {
    std::string_view prefix, uri;
  };
  struct ForeignName {
    std::string_view written, prefix, local;
    std::size_t declarations;  // how many were in scope outside
  };

  void bind();
  [[nodiscard]] bool set_context(std::string_view head);
  [[nodiscard]] bool prolog(Cursor& c);
  template <bool kContext>
  [[nodiscard]] bool open_root(Cursor& c);
  // Up to the end of the bytes, or of the root. Reading the context makes no records.
  template <bool kContext>
  [[nodiscard]] bool content(Cursor& c, const char* end);
  // Null: none of the elements that may follow stands there.
  [[nodiscard]] static const BoundEdge* edge_at(const char* at, const BoundState& state);
  // Plain elements one after another, as far as there are any; the state after them.
  [[nodiscard]] std::uint32_t plain_elements(Cursor& c, std::uint32_t state);
  template <bool kContext>
  [[nodiscard]] bool open_element(Cursor& c, std::uint32_t index);
  // What is left of an element from this attribute of it on, and from its text on.
  template <bool kContext>
  [[nodiscard]] bool from_attribute(Cursor& c, std::uint32_t index, std::uint32_t attribute);
  template <bool kContext>
  [[nodiscard]] bool from_text(Cursor& c, std::uint32_t index);
  // A record by what is remembered, as far as that goes, from its '<' on; the rest of the element
  // where it does not go on.
  [[nodiscard]] bool remembered_record(Cursor& c, std::uint32_t index);
  [[nodiscard]] bool leave_memo(Cursor& c, TagMemo::Place& place);
  void begin_share(std::int32_t share, const char* at);
  void run_events(const TagMemo::Edge& edge, const char* at, std::uint32_t line);
  // While tags are being learnt: a value begins, has ended, a tag does something, a record ends.
  void learn_value_begin(const Cursor& c, std::uint32_t element, std::uint32_t attribute);
  void learn_value_end(const Cursor& c);
  void learn_event(const Cursor& c, TagMemo::Event::Kind kind, const XmlTables::Element& element);
  void learn_record_end(const Cursor& c);
  // Since the last value.
  [[nodiscard]] std::string_view bytes_learnt(const Cursor& c) const;
  template <char kClose>
  [[nodiscard]] bool unescape(const char* begin, const char*& at, std::uint32_t& line,
                              std::string_view& value);
  template <bool kContext>
  [[nodiscard]] bool attribute_value(Cursor& c, const XmlTables::Attribute& attribute);
  template <bool kContext>
  [[nodiscard]] bool attributes(Cursor& c, std::uint32_t element, std::uint32_t from);
  template <bool kContext>
  [[nodiscard]] bool text(Cursor& c, const XmlTables::Element& element);
  template <bool kContext>
  [[nodiscard]] bool finish(const Cursor& c, const XmlTables::Element& element);
  template <bool kContext>
  void keep(const Leaf* leaf, std::string_view value, std::uint32_t line);
  template <bool kContext>
  [[nodiscard]] bool foreign(Cursor& c, const XmlTables::State& state, std::uint32_t& next);
  [[nodiscard]] bool foreign_tag(Cursor& c, ForeignName& name);
  [[nodiscard]] bool foreign_attribute(Cursor& c, std::string_view& last_prefix,
                                       std::string_view& last_name, bool& declaring,
                                       std::size_t& count);
  [[nodiscard]] bool foreign_content(Cursor& c);
  [[nodiscard]] const std::string_view* uri_of(std::string_view prefix) const;
  [[nodiscard]] std::shared_ptr<const NamespaceScope> scope_in_force();

  std::shared_ptr<const Layout> layout_;
  std::shared_ptr<const XmlTables> tables_;
  Limits limits_;
  RecordBuilder builder_;

  // Of the document in hand: its root's declarations, what follows from them, and where its head
  // leaves off.
  NamespaceScope scope_;
  bool bound_ = false;
  std::string pool_;
  std::vector<BoundElement> elements_;
  std::vector<BoundEdge> edges_;
  std::vector<BoundState> states_;
  std::vector<Literal> attributes_;
  std::string head_;  // padded
  std::size_t head_size_ = 0;
  bool head_good_ = false;
  bool head_has_trailer_ = false;
  std::vector<Frame> context_;

  TagMemo memo_;
  TagMemo::Place* record_start_place_ = nullptr;
  // A file of one record, or of two, has no use for what could be learnt from it.
  static constexpr std::uint64_t kRecordsBeforeLearning = 2;
  std::uint64_t records_seen_ = 0;  // with these prefixes

  // Of the record in hand, while tags are being learnt.
  bool learning_ = false;
  TagMemo::Place* learning_from_ = nullptr;
  Cursor learning_begin_{};  // where the last value ended
  std::vector<TagMemo::Event> events_;

  // Of the chunk in hand.
  const Chunk* chunk_ = nullptr;
  Arena* arena_ = nullptr;
  XmlChunkResult* result_ = nullptr;
  std::vector<Frame> frames_;
  std::vector<Declaration> declarations_;  // in scope
  std::vector<ForeignName> foreign_;
  std::uint64_t records_ = 0;
  const char* record_start_ = nullptr;
  const char* root_start_ = nullptr;
  const char* root_end_ = nullptr;
  std::string_view signature_;
  std::string unescaped_;
  std::shared_ptr<const NamespaceScope> captured_scope_;
};

}  // namespace s1flow::codecs
