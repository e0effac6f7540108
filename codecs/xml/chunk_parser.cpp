#include "codecs/xml/chunk_parser.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include <fmt/format.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlschemas.h>

#include "codecs/utf8.h"
#include "codecs/xml/c14n.h"
#include "codecs/xml/canonical_decoder.h"
#include "codecs/xml/cdata_line_ends.h"
#include "codecs/xml/compiled/event_judge.h"
#include "codecs/xml/element_names.h"
#include "codecs/xml/library.h"
#include "codecs/xml/scopes_in_force.h"
#include "core/text.h"

namespace s1flow::codecs {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";
constexpr std::size_t kMaxSchemaFaults = 100;  // per chunk; one is enough to refuse the file

std::string_view view(const xmlChar* s) {
  return s == nullptr ? std::string_view() : reinterpret_cast<const char*>(s);
}

// libxml2 names elements as {namespace}local; people read the local name.
std::string readable(const char* message) {
  std::string out;
  for (std::string_view rest = trim(message == nullptr ? "" : message); !rest.empty();) {
    const std::size_t open = rest.find("'{");
    const std::size_t close = open == std::string_view::npos ? open : rest.find('}', open);
    if (close == std::string_view::npos) {
      out += rest;
      break;
    }
    out += rest.substr(0, open + 1);
    rest.remove_prefix(close + 1);
  }
  return shown(out, 300);
}

}  // namespace

class XmlChunkParser::Impl {
 public:
  Impl(std::shared_ptr<const Layout> layout, std::shared_ptr<const XmlSchema> schema,
       const Limits& limits)
      : layout_(std::move(layout)),
        schema_(std::move(schema)),
        limits_(limits),
        builder_(*layout_),
        caches_(layout_->nodes.size()),
        names_(limits.name_bytes) {
    prepare_libxml2();
    for (const Leaf& l : layout_->leaves) secrets_ = secrets_ || l.format.field->secret;
    std::memset(&sax_, 0, sizeof sax_);
    sax_.initialized = XML_SAX2_MAGIC;
    sax_.startElementNs = &Impl::on_start;
    sax_.endElementNs = &Impl::on_end;
    sax_.characters = &Impl::on_text;
    sax_.ignorableWhitespace = &Impl::on_text;
    sax_.cdataBlock = &Impl::on_cdata;
    sax_.processingInstruction = &Impl::on_instruction;
    sax_.internalSubset = &Impl::on_doctype;
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (validation_ != nullptr) xmlSchemaFreeValidCtxt(validation_);
    if (context_ != nullptr) xmlFreeParserCtxt(context_);
  }

  void parse(const Chunk& chunk, std::string_view head, const XmlParseOptions& options,
             Arena& arena, Record* header, Record* trailer, XmlChunkResult& result) {
    if (options.first == XmlWay::fast && options.decode &&
        decode_fast(chunk, head, arena, header, trailer, result)) {
      if (!options.canonical) result.in_place = {};
      return;
    }
    const bool validate = schema_ != nullptr && options.validate;
    if (options.first != XmlWay::engine && validate && tables() != nullptr) {
      // A header that is half read must not show.
      Record own_header(layout_->type->header, header != nullptr ? header->arena() : arena);
      Record own_trailer(layout_->type->trailer, trailer != nullptr ? trailer->arena() : arena);
      if (!judge_) judge_.emplace(tables_);
      judging_ = true;
      run(chunk, head, options, arena, header != nullptr ? &own_header : nullptr,
          trailer != nullptr ? &own_trailer : nullptr, result, false);
      judging_ = false;
      if (judge_->certain() && result.faults.empty()) {
        result.way = XmlWay::events;
        if (header != nullptr) *header = own_header;
        if (trailer != nullptr) *trailer = own_trailer;
        return;
      }
    }
    run(chunk, head, options, arena, header, trailer, result, validate);
  }

 private:
  // One pass of libxml2 over the chunk.
  void run(const Chunk& chunk, std::string_view head, const XmlParseOptions& options, Arena& arena,
           Record* header, Record* trailer, XmlChunkResult& result, bool engine) {
    prepare_libxml2();  // perhaps another thread than the one that made the parser
    // What goes the fast way needs none, and small files are many.
    if (context_ == nullptr) context_ = xmlCreatePushParserCtxt(&sax_, this, nullptr, 0, nullptr);
    S1FLOW_CHECK(context_ != nullptr);
    chunk_ = &chunk;
    arena_ = &arena;
    result_ = &result;
    options_ = options;
    if (chunk.ordinal == 0) head = {};
    // libxml2 looks for a byte order mark only where it opens files itself.
    if (head.starts_with(kBom)) head.remove_prefix(kBom.size());
    mark_size_ = chunk.ordinal == 0 && chunk.bytes.starts_with(kBom) ? kBom.size() : 0;
    head_size_ = head.size();
    head_lines_ = count_lines(head);
    result.clear();
    if (judging_) judge_->begin();
    builder_.begin(arena, result.batch, chunk.ordinal == 0 ? header : nullptr,
                   chunk.last ? trailer : nullptr);
    if (!bytes_are_clean()) return;
    builder_.set_first_line(chunk.first_line);
    path_.clear();
    text_.clear();
    want_text_ = false;
    records_ = 0;
    skip_depth_ = 0;
    signature_ended_ = false;
    stopped_ = false;
    scopes_.forget();
    c14n_.start(head.empty() && options.canonical ? &result.canonical : nullptr);

    xmlCtxtResetPush(context_, nullptr, 0, nullptr, nullptr);
    xmlCtxtUseOptions(context_, XML_PARSE_NOENT | XML_PARSE_NONET);
    xmlSchemaSAXPlugPtr plug = nullptr;
    if (engine) {
      if (validation_ == nullptr) make_validation();
      plug = xmlSchemaSAXPlug(validation_, &context_->sax, &context_->userData);
      S1FLOW_CHECK(plug != nullptr);
    }
    xmlSetStructuredErrorFunc(this, &Impl::on_error);
    if (!head.empty()) {
      in_head_ = true;
      push(head, false);
      in_head_ = false;
      c14n_.redirect(options.canonical ? &result.canonical : nullptr);
    }
    const int depth = context_->nameNr;
    if (!stopped_) push(chunk.bytes.substr(mark_size_), chunk.last);
    if (!stopped_ && result.faults.empty() && !chunk.last && !balanced(depth, head.empty()))
      add_fault(kXmlNotWellFormed, chunk.offset + chunk.bytes.size(),
                "elements are not closed where the record ends");
    xmlSetStructuredErrorFunc(nullptr, nullptr);
    if (plug != nullptr) xmlSchemaSAXUnplug(plug);
    name_faults();
  }

  void make_validation() {
    validation_ = xmlSchemaNewValidCtxt(schema_->handle());
    S1FLOW_CHECK(validation_ != nullptr);
    xmlSchemaSetValidStructuredErrors(validation_, &Impl::on_schema_error, this);
  }

  struct Edge {
    const xmlChar* local;
    const xmlChar* uri;
    std::uint32_t node;
  };
  using Name = ElementNames::Name;
  struct Open {
    std::uint32_t node = kNoNode;
    std::int32_t captured = -1;  // into result_->captured
  };

  static Impl& self(void* context) { return *static_cast<Impl*>(context); }

  bool decode_fast(const Chunk& chunk, std::string_view head, Arena& arena, Record* header,
                   Record* trailer, XmlChunkResult& result) {
    if (tables() == nullptr) return false;
    if (!fast_) fast_.emplace(layout_, tables_, limits_);
    return fast_->decode(chunk, head, arena, header, trailer, result);
  }

  const XmlTables* tables() {
    if (!asked_for_tables_) tables_ = layout_->tables();
    asked_for_tables_ = true;
    return tables_.get();
  }

  // ---- bytes

  bool bytes_are_clean() {
    const std::string_view bytes = chunk_->bytes;
    if (const std::size_t at = bytes.find('\0'); at != std::string_view::npos) {
      add_fault(kXmlNotWellFormed, chunk_->offset + at, "a NUL byte");
      return false;
    }
    if (!is_valid_utf8(bytes)) {
      add_fault(kXmlEncoding, chunk_->offset + find_invalid_utf8(bytes), "not UTF-8");
      return false;
    }
    if (chunk_->ordinal != 0) return true;
    // The library's words for these are of a document, not of what somebody has sent instead.
    const std::size_t first = bytes.find_first_not_of(" \t\r\n", mark_size_);
    if (first != std::string_view::npos && bytes[first] == '<') return true;
    if (first == std::string_view::npos)
      add_fault(kXmlNotWellFormed, 0, "the file is empty");
    else
      add_fault(kXmlNotWellFormed, first, "it does not begin with a tag");
    return false;
  }

  void push(std::string_view bytes, bool terminate) {
    // The parser takes an int; a chunk is far below, but be sure.
    S1FLOW_CHECK(bytes.size() < (1U << 30));
    xmlParseChunk(context_, bytes.data(), static_cast<int>(bytes.size()), terminate ? 1 : 0);
  }

  // A chunk in the middle has to leave the document as open as it found it.
  [[nodiscard]] bool balanced(int depth_before, bool is_first) const {
    const bool consumed =
        context_->input != nullptr && context_->input->cur == context_->input->end;
    const auto container = static_cast<int>(layout_->record_path.size());
    return consumed && context_->nameNr == (is_first ? container : depth_before) &&
           context_->nameNr == container;
  }

  // ---- places

  [[nodiscard]] std::uint64_t document_offset() const {
    const xmlParserInputPtr in = context_->input;
    if (in == nullptr || in->cur == nullptr) return head_size_ + chunk_->bytes.size();
    return mark_size_ + in->consumed + static_cast<std::uint64_t>(in->cur - in->base);
  }
  // Offset in the chunk's bytes of the '<' of the tag that is being reported.
  [[nodiscard]] std::size_t tag_start() const {
    const std::uint64_t at =
        std::min<std::uint64_t>(document_offset(), head_size_ + chunk_->bytes.size());
    const std::size_t in_chunk = at > head_size_ ? static_cast<std::size_t>(at - head_size_) : 0;
    // '<' cannot stand in an attribute value, so the nearest one before the cursor opens the tag.
    const std::size_t open = chunk_->bytes.substr(0, in_chunk).rfind('<');
    return open == std::string_view::npos ? 0 : open;
  }
  [[nodiscard]] std::uint64_t file_offset() const {
    const std::uint64_t at = document_offset();
    return chunk_->offset +
           (at > head_size_ ? std::min<std::uint64_t>(at - head_size_, chunk_->bytes.size()) : 0);
  }
  [[nodiscard]] std::uint32_t chunk_line() const {
    const std::uint64_t line =
        context_->input == nullptr ? 1 : static_cast<std::uint64_t>(context_->input->line);
    return line > head_lines_ ? static_cast<std::uint32_t>(line - head_lines_ - 1) : 0;
  }

  // ---- faults

  void add_fault(const Rule& rule, std::uint64_t byte, std::string note, std::string seen = {}) {
    Fault f;
    f.rule = &rule;
    f.byte = byte;
    const auto in_chunk = static_cast<std::size_t>(
        std::min<std::uint64_t>(byte - chunk_->offset, chunk_->bytes.size()));
    f.line = chunk_->first_line +
             static_cast<std::uint64_t>(
                 std::count(chunk_->bytes.begin(),
                            chunk_->bytes.begin() + static_cast<std::ptrdiff_t>(in_chunk), '\n'));
    if (builder_.in_record()) f.ordinal = builder_.current().ordinal;
    f.note = std::move(note);
    f.seen = std::move(seen);
    result_->faults.push_back(std::move(f));
  }

  void stop(const Rule& rule, std::string note) {
    if (stopped_) return;
    add_fault(rule, file_offset(), std::move(note));
    stopped_ = true;
    xmlStopParser(context_);
  }

  static void on_error(void* context, xmlErrorPtr error) {
    Impl& me = self(context);
    if (error == nullptr || error->level < XML_ERR_ERROR || me.stopped_ || me.in_head_) return;
    // A fault of the context shows in the first chunk, where it belongs.
    me.add_fault(kXmlNotWellFormed, me.file_offset(), readable(error->message));
    me.stopped_ = true;
  }

  static void on_schema_error(void* context, xmlErrorPtr error) {
    Impl& me = self(context);
    if (error == nullptr || me.in_head_ || me.stopped_ ||
        me.result_->faults.size() >= kMaxSchemaFaults)
      return;
    std::string note = me.secrets_ ? fmt::format("element '{}' does not fit its type or place",
                                                 view(me.context_->name))
                                   : readable(error->message);
    me.add_fault(kXmlSchema, me.file_offset(), std::move(note));
    me.result_->faults.back().field = std::string(view(me.context_->name));
  }

  // Names records in faults, now that their ids are known.
  void name_faults() {
    for (Fault& f : result_->faults) {
      if (f.ordinal == 0 || f.ordinal < chunk_->first_record) continue;
      const std::uint64_t i = f.ordinal - chunk_->first_record;
      if (options_.decode && i < result_->batch.records.size())
        f.record = record_name(*layout_->type, result_->batch.records[i]);
      else
        f.record = fmt::format("{} {}", layout_->type->record_word, f.ordinal);
    }
  }

  // ---- events

  static void on_doctype(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
    self(context).stop(kXmlDoctype, {});
  }

  static void on_start(void* context, const xmlChar* local, const xmlChar* prefix,
                       const xmlChar* uri, int namespaces, const xmlChar** namespace_pairs,
                       int attributes, int, const xmlChar** attribute_fields) {
    Impl& me = self(context);
    if (me.stopped_) return;
    me.start(local, prefix, uri, namespaces, namespace_pairs, attributes, attribute_fields);
  }
  static void on_end(void* context, const xmlChar* local, const xmlChar* prefix,
                     const xmlChar* uri) {
    Impl& me = self(context);
    if (me.stopped_) return;
    if (me.judging_) me.judge_->end();
    me.end(me.names_.of(local, prefix, uri));
  }
  static void on_text(void* context, const xmlChar* text, int size) {
    Impl& me = self(context);
    if (me.stopped_) return;
    const std::string_view piece(reinterpret_cast<const char*>(text),
                                 static_cast<std::size_t>(size));
    if (me.judging_) me.judge_->text(piece);
    me.text(piece);
  }
  static void on_cdata(void* context, const xmlChar* text, int size) {
    Impl& me = self(context);
    if (me.stopped_) return;
    const std::string_view piece = me.line_ends_.normalised(text, size, me.context_->input);
    if (me.judging_) me.judge_->cdata(piece);
    me.text(piece);
  }
  static void on_instruction(void* context, const xmlChar* target, const xmlChar* data) {
    Impl& me = self(context);
    if (!me.stopped_ && me.skip_depth_ == 0 && me.options_.canonical)
      me.c14n_.processing_instruction(view(target), view(data));
  }

  void start(const xmlChar* local, const xmlChar* prefix, const xmlChar* uri, int namespaces,
             const xmlChar** namespace_pairs, int attributes, const xmlChar** attribute_fields) {
    const std::size_t depth = path_.size();
    if (depth >= limits_.depth)
      return stop(kXmlLimit, fmt::format("elements nested deeper than {}", limits_.depth));
    if (static_cast<std::size_t>(namespaces + attributes) > limits_.attributes)
      return stop(kXmlLimit, fmt::format("more than {} attributes", limits_.attributes));
    const Name& name = names_.of(local, prefix, uri);
    if (name.too_long)
      return stop(kXmlLimit, fmt::format("a name of more than {} bytes", limits_.name_bytes));
    for (int i = 0; i < namespaces; ++i)
      if (view(namespace_pairs[2 * i]).size() > limits_.name_bytes)
        return stop(kXmlLimit, fmt::format("a prefix of more than {} bytes", limits_.name_bytes));
    attributes_.clear();
    for (int i = 0; i < attributes; ++i) {
      const xmlChar** a = attribute_fields + 5 * i;
      if (view(a[0]).size() + view(a[1]).size() > limits_.name_bytes)
        return stop(kXmlLimit, fmt::format("a name of more than {} bytes", limits_.name_bytes));
      const std::string_view value(reinterpret_cast<const char*>(a[3]),
                                   static_cast<std::size_t>(a[4] - a[3]));
      if (value.size() > limits_.field_bytes)
        return stop(kXmlLimit,
                    fmt::format("an attribute of more than {} bytes", limits_.field_bytes));
      attributes_.push_back({view(a[1]), view(a[0]), view(a[2]), value});
    }
    if (judging_) judge_->start(name.local_text, name.uri_text, attributes_);
    Open open;
    if (!in_head_) open.captured = capture(name, depth);
    const bool inside_skipped = skip_depth_ != 0;
    if (!inside_skipped && options_.canonical) {
      declared_.clear();
      for (int i = 0; i < namespaces; ++i)
        declared_.push_back({view(namespace_pairs[2 * i]), view(namespace_pairs[2 * i + 1])});
      c14n_.start_written(name.start, declared_, attributes_);
    }
    if (options_.decode && !inside_skipped) open.node = node_for(local, uri, depth);
    if (open.node != kNoNode && layout_->nodes[open.node].share >= 0 && builder_.in_record())
      result_->shares.push_back({.share = static_cast<std::size_t>(layout_->nodes[open.node].share),
                                 .bytes = chunk_->bytes.substr(tag_start(), 0),
                                 .record = builder_.current().ordinal,
                                 .scope = scopes_.around(*context_, namespaces)});
    if (open.node == layout_->record_node && !in_head_ && has_signature_per_record(*layout_))
      result_->elements.push_back({.bytes = chunk_->bytes.substr(tag_start(), 0),
                                   .scope = scopes_.around(*context_, namespaces)});
    path_.push_back(open);
    if (open.node != kNoNode)
      enter(open.node);
    else
      want_text_ = false;
  }

  // Remembers elements that others read. A signature in its place is no part of what it signs, so
  // it is left out of the canonical form.
  std::int32_t capture(const Name& name, std::size_t depth) {
    if (signature_ended_ && depth == 1)
      for (CapturedElement& c : result_->captured) c.last_child = false;
    if (!name.captured) return -1;
    if (skip_depth_ != 0 ||
        std::any_of(path_.begin(), path_.end(), [](const Open& o) { return o.captured >= 0; }))
      return -1;
    CapturedElement element;
    element.kind = *name.captured;
    const std::size_t begin = tag_start();
    element.bytes = chunk_->bytes.substr(begin, 0);
    element.byte = chunk_->offset + begin;
    element.line = chunk_->first_line + chunk_line();
    element.record = builder_.in_record() ? builder_.current().ordinal : 0;
    element.depth = depth;
    element.scope = scopes_.at(*context_);
    result_->captured.push_back(std::move(element));
    if (*name.captured == CapturedElement::Kind::signature && depth == 1) skip_depth_ = depth + 1;
    return static_cast<std::int32_t>(result_->captured.size() - 1);
  }

  std::uint32_t node_for(const xmlChar* local, const xmlChar* uri, std::size_t depth) {
    if (depth == 0)
      return view(local) == layout_->root.local && view(uri) == layout_->root.ns ? 0 : kNoNode;
    const std::uint32_t parent = path_.back().node;
    if (parent == kNoNode) return kNoNode;
    std::vector<Edge>& cache = caches_[parent];
    for (const Edge& e : cache)
      if (e.local == local && e.uri == uri) return e.node;
    std::uint32_t found = kNoNode;
    for (const std::uint32_t c : layout_->nodes[parent].children) {
      const PlanNode& n = layout_->nodes[c];
      if (!n.attribute && n.name == view(local) && n.ns == view(uri)) found = c;
    }
    // Names are interned by the parser for as long as it lives, so pointers stand for them. A
    // document full of made-up names must not make the cache grow.
    if (cache.size() >= 64) cache.clear();
    cache.push_back({local, uri, found});
    return found;
  }

  void enter(std::uint32_t index) {
    const PlanNode& node = layout_->nodes[index];
    const std::uint32_t line = chunk_line();
    if (index == layout_->record_node && !in_head_)
      builder_.begin_record(chunk_->first_record + records_++, chunk_->offset + tag_start(), line);
    if (node.group_start >= 0)
      builder_.begin_group(layout_->group_starts[static_cast<std::size_t>(node.group_start)], line);
    if (!attributes_.empty())
      for (const std::uint32_t c : node.children) {
        const PlanNode& child = layout_->nodes[c];
        if (!child.attribute) break;  // attributes come first
        if (child.leaf < 0) continue;
        for (const XmlAttribute& a : attributes_)
          if (a.local == child.name && a.ns == child.ns)
            builder_.value(layout_->leaves[static_cast<std::size_t>(child.leaf)],
                           arena_->copy(a.value), line);
      }
    want_text_ = node.leaf >= 0;
    if (want_text_) {
      text_.clear();
      text_line_ = line;
    }
  }

  void text(std::string_view piece) {
    if (skip_depth_ == 0 && options_.canonical) c14n_.text(piece);
    if (!want_text_) return;
    text_.append(piece);
    if (text_.size() > limits_.field_bytes)
      stop(kXmlLimit, fmt::format("a text of more than {} bytes", limits_.field_bytes));
  }

  void end(const Name& name) {
    const Open open = path_.back();
    path_.pop_back();
    if (open.node != kNoNode) {
      if (!in_head_) note_encryption(open.node);
      leave(open.node);
    }
    want_text_ = false;
    if (skip_depth_ == 0 && options_.canonical) c14n_.end_written(name.end);
    if (open.captured < 0) return;
    CapturedElement& element = result_->captured[static_cast<std::size_t>(open.captured)];
    const auto begin = static_cast<std::size_t>(element.bytes.data() - chunk_->bytes.data());
    const auto finish = static_cast<std::size_t>(
        std::min<std::uint64_t>(document_offset() - head_size_, chunk_->bytes.size()));
    element.bytes = chunk_->bytes.substr(begin, finish - begin);
    if (element.kind == CapturedElement::Kind::signature && element.depth == 1) {
      skip_depth_ = 0;
      element.last_child = true;
      signature_ended_ = true;
    }
  }

  // The cursor stands after an end tag that may matter to who encrypts.
  void note_encryption(std::uint32_t index) {
    const auto finish = static_cast<std::size_t>(
        std::min<std::uint64_t>(document_offset() - head_size_, chunk_->bytes.size()));
    if (layout_->nodes[index].share >= 0)
      result_->end_share(layout_->nodes[index].share, chunk_->bytes.data() + finish);
    if (index == layout_->keys_node) {
      const std::size_t tag = chunk_->bytes.substr(0, finish).rfind('<');
      if (chunk_->bytes.substr(tag).starts_with("</")) result_->keys_end = tag;
    }
  }

  void leave(std::uint32_t index) {
    const PlanNode& node = layout_->nodes[index];
    if (node.leaf >= 0)
      builder_.value(layout_->leaves[static_cast<std::size_t>(node.leaf)], arena_->copy(text_),
                     text_line_);
    if (node.group_start >= 0) builder_.end_group();
    if (index != layout_->record_node || in_head_) return;
    const std::uint64_t size =
        document_offset() - head_size_ - (builder_.current().byte - chunk_->offset);
    builder_.end_record();
    if (has_signature_per_record(*layout_))
      result_->end_element(chunk_->bytes.data() + (builder_.current().byte - chunk_->offset) +
                           size);
    if (size > limits_.record_bytes)
      stop(kXmlLimit, fmt::format("a record of more than {} bytes", limits_.record_bytes));
  }

  std::shared_ptr<const Layout> layout_;
  std::shared_ptr<const XmlSchema> schema_;
  Limits limits_;
  RecordBuilder builder_;
  C14nWriter c14n_;
  CdataLineEnds line_ends_;
  std::vector<std::vector<Edge>> caches_;  // by plan node
  ElementNames names_;
  xmlSAXHandler sax_;
  xmlParserCtxtPtr context_ = nullptr;
  xmlSchemaValidCtxtPtr validation_ = nullptr;
  bool secrets_ = false;
  bool asked_for_tables_ = false;
  std::shared_ptr<const XmlTables> tables_;
  std::optional<CanonicalDecoder> fast_;
  std::optional<EventJudge> judge_;
  bool judging_ = false;

  // Of the chunk in hand.
  const Chunk* chunk_ = nullptr;
  Arena* arena_ = nullptr;  // the parser's own texts die with the event
  XmlChunkResult* result_ = nullptr;
  XmlParseOptions options_;
  std::size_t mark_size_ = 0;  // of the byte order mark, which the parser does not get
  std::size_t head_size_ = 0;
  std::uint64_t head_lines_ = 0;
  bool in_head_ = false;
  bool stopped_ = false;
  std::vector<Open> path_;
  std::vector<XmlAttribute> attributes_;
  std::vector<XmlNamespace> declared_;
  std::string text_;
  std::uint32_t text_line_ = 0;
  bool want_text_ = false;
  std::uint64_t records_ = 0;
  std::size_t skip_depth_ = 0;  // not 0: inside the document's signature
  bool signature_ended_ = false;
  ScopesInForce scopes_;
};

XmlChunkParser::XmlChunkParser(std::shared_ptr<const Layout> layout,
                               std::shared_ptr<const XmlSchema> schema, const Limits& limits)
    : impl_(std::make_unique<Impl>(std::move(layout), std::move(schema), limits)) {}
XmlChunkParser::~XmlChunkParser() = default;

void XmlChunkParser::parse(const Chunk& chunk, std::string_view head,
                           const XmlParseOptions& options, Arena& arena, Record* header,
                           Record* trailer, XmlChunkResult& result) {
  impl_->parse(chunk, head, options, arena, header, trailer, result);
}

}  // namespace s1flow::codecs
