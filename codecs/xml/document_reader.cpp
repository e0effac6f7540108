#include "codecs/xml/document_reader.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "codecs/utf8.h"
#include "codecs/xml/cdata_line_ends.h"
#include "codecs/xml/library.h"
#include "codecs/xml/prolog.h"
#include "core/check.h"
#include "core/text.h"

namespace s1flow::codecs {
namespace {

constexpr std::uint64_t kNone = static_cast<std::uint64_t>(-1);
constexpr std::size_t kMostFaults = 100;
// What libxml2 is given at once: its buffers copy, so pieces stay far below the cache.
constexpr std::size_t kPiece = 256UL * 1024;
constexpr std::size_t kCdataPiece = 4096;

std::string_view view(const xmlChar* s) {
  return s == nullptr ? std::string_view() : reinterpret_cast<const char*>(s);
}

}  // namespace

class XmlDocumentReader::Impl {
 public:
  Impl(XmlDocumentHandler& handler, const XmlDocumentLimits& limits)
      : handler_(handler), limits_(limits) {
    prepare_libxml2();
    std::memset(&sax_, 0, sizeof sax_);
    sax_.initialized = XML_SAX2_MAGIC;
    sax_.startElementNs = &Impl::on_start;
    sax_.endElementNs = &Impl::on_end;
    sax_.characters = &Impl::on_text;
    sax_.ignorableWhitespace = &Impl::on_text;
    sax_.cdataBlock = &Impl::on_cdata;
    sax_.processingInstruction = &Impl::on_instruction;
    sax_.comment = &Impl::on_comment;
    sax_.serror = &Impl::on_error;
    context_ = xmlCreatePushParserCtxt(&sax_, this, nullptr, 0, nullptr);
    S1FLOW_CHECK(context_ != nullptr);
    xmlCtxtUseOptions(context_, XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_HUGE);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { xmlFreeParserCtxt(context_); }

  bool feed(std::string_view bytes) {
    if (done_) return false;
    window_.append(bytes);
    return advance(false);
  }

  bool finish() {
    if (!done_) advance(true);
    done_ = true;
    return faults_.empty() && !stopped_;
  }

  [[nodiscard]] const std::vector<Fault>& faults() const { return faults_; }

  [[nodiscard]] std::vector<std::pair<std::string, std::string>> scope() const {
    std::vector<std::pair<std::string, std::string>> scope;
    for (int i = 0; i + 1 < context_->nsNr; i += 2)
      scope.emplace_back(std::string(view(context_->nsTab[i])),
                         std::string(view(context_->nsTab[i + 1])));
    return scope;
  }

  void keep_from(std::uint64_t offset) { keep_from_ = offset; }

  [[nodiscard]] std::string_view bytes(std::uint64_t begin, std::uint64_t end) const {
    S1FLOW_CHECK(begin >= base_ && begin <= end && end <= base_ + window_.size());
    return std::string_view(window_).substr(static_cast<std::size_t>(begin - base_),
                                            static_cast<std::size_t>(end - begin));
  }
  [[nodiscard]] std::uint64_t bytes_fed() const { return base_ + window_.size(); }

  [[nodiscard]] std::uint64_t position() const {
    const xmlParserInputPtr in = context_->input;
    if (in == nullptr || in->cur == nullptr) return pushed_;
    return std::min<std::uint64_t>(pushed_,
                                   in->consumed + static_cast<std::uint64_t>(in->cur - in->base));
  }

  void stop() {
    stopped_ = true;
    xmlStopParser(context_);
  }

 private:
  static Impl& self(void* context) { return *static_cast<Impl*>(context); }

  // Gives libxml2 what has become certain: bytes that are UTF-8, belong to a document without a
  // DOCTYPE, and end where a piece may end.
  bool advance(bool at_end) {
    prepare_libxml2();  // perhaps another thread than the one that made the reader
    // The first four bytes tell the encoding, so nothing is said of them apart.
    constexpr std::size_t kMark = 4;
    if (window_.size() < kMark && base_ == 0 && !at_end) return true;
    const auto seen = static_cast<std::size_t>(pushed_ - base_);
    const std::string_view fresh = std::string_view(window_).substr(seen);
    // libxml2 goes through all that it holds back with every piece. So the longer a tag or comment
    // that does not end, the larger the pieces.
    if (const std::size_t held = held_back(); held > kPiece && fresh.size() < held &&
                                              held + fresh.size() <= limits_.construct_bytes &&
                                              !at_end)
      return true;
    std::optional<Fault> fault;
    std::size_t good = clean_prefix(fresh, at_end, fault);
    if (!prolog_.done()) {
      const XmlProlog::Verdict verdict =
          prolog_.scan(std::string_view(window_).substr(0, seen + std::max(good, kMark)), base_,
                       at_end || fault);
      if (verdict.fault) {
        // What stands before it is judged first.
        fault = verdict.fault;
        const auto place = static_cast<std::size_t>(fault->byte - base_);
        good = place > seen ? place - seen : 0;
      } else if (verdict.need_more && !fault && !at_end) {
        if (window_.size() <= limits_.construct_bytes) return true;
        refuse(too_long());
        return false;
      }
    }
    if (fault) {
      if (fault->rule != &kXmlEncoding || fault->byte != 0) push(fresh.substr(0, good), false);
      if (!done_) add(std::move(*fault));
      done_ = true;
      return false;
    }
    push(fresh.substr(0, at_end ? good : whole_prefix(fresh.substr(0, good))), at_end);
    if (!done_ && held_back() > limits_.construct_bytes) refuse(too_long());
    release();
    return !done_;
  }

  // Length of the leading part that is UTF-8 without NUL. A character that is cut off waits for its
  // rest.
  std::size_t clean_prefix(std::string_view bytes, bool at_end, std::optional<Fault>& fault) const {
    std::size_t good = bytes.size();
    if (!at_end) {
      std::size_t back = 0;
      while (back < 3 && back < bytes.size() &&
             (static_cast<unsigned char>(bytes[bytes.size() - 1 - back]) & 0xC0U) == 0x80U)
        ++back;
      if (back < bytes.size() &&
          static_cast<unsigned char>(bytes[bytes.size() - 1 - back]) >= 0xC0U)
        good = bytes.size() - 1 - back;
    }
    const std::string_view part = bytes.substr(0, good);
    const std::size_t nul = part.find('\0');
    const std::size_t invalid =
        is_valid_utf8(part) ? std::string_view::npos : find_invalid_utf8(part);
    const std::size_t first = std::min(nul, invalid);
    if (first == std::string_view::npos) return good;
    fault.emplace();
    fault->rule = nul < invalid ? &kXmlNotWellFormed : &kXmlEncoding;
    fault->byte = pushed_ + first;
    fault->note = nul < invalid ? "a NUL byte" : "not UTF-8";
    return first;
  }

  // A piece ends before a '<', so that no text is cut: libxml2 would not see a "]]>" whose parts
  // come in two pieces. A text longer than a piece is cut where that cannot happen.
  static std::size_t whole_prefix(std::string_view bytes) {
    const std::size_t tag = bytes.rfind('<');
    if (tag != std::string_view::npos && tag != 0) return tag;
    if (bytes.size() < kPiece) return 0;
    // The two bytes after the cut are known, so that a "]]>" across it can be told.
    std::size_t end = bytes.size() - 2;
    const auto bad_cut = [&](std::size_t at) {
      const std::string_view around = bytes.substr(at - 2, 4);
      return bytes[at - 1] == '\r' || around.substr(1) == "]]>" || around.substr(0, 3) == "]]>" ||
             (static_cast<unsigned char>(bytes[at]) & 0xC0U) == 0x80U;
    };
    while (end > 2 && bad_cut(end)) --end;
    return end;
  }

  // What libxml2 has been given and has not told.
  [[nodiscard]] std::size_t held_back() const {
    const xmlParserInputPtr in = context_->input;
    return in == nullptr || in->cur == nullptr ? 0 : static_cast<std::size_t>(in->end - in->cur);
  }

  void push(std::string_view bytes, bool terminate) {
    while (!done_ && !stopped_ && (!bytes.empty() || terminate)) {
      const bool in_cdata = context_->instate == XML_PARSER_CDATA_SECTION;
      const std::size_t size =
          std::min(bytes.size(), in_cdata ? kCdataPiece : std::size_t{1} << 28);
      const bool last = terminate && size == bytes.size();
      pushed_ += size;
      xmlParseChunk(context_, bytes.data(), static_cast<int>(size), last ? 1 : 0);
      bytes.remove_prefix(size);
      if (last) break;
      tell_cdata();
    }
    if (stopped_) done_ = true;
  }

  // Of a CDATA section whose end it does not see yet libxml2 tells 300 bytes with each call,
  // however many it holds.
  void tell_cdata() {
    for (std::size_t before = held_back() + 1; context_->instate == XML_PARSER_CDATA_SECTION &&
                                               !done_ && !stopped_ && held_back() < before;) {
      before = held_back();
      xmlParseChunk(context_, "", 0, 0);
    }
  }

  void release() {
    const std::uint64_t keep = std::min({keep_from_, position(), pushed_});
    if (keep <= base_ + kPiece / 2) return;  // move bytes seldom
    const auto drop = static_cast<std::size_t>(keep - base_);
    lines_ += count_lines(std::string_view(window_).substr(0, drop));
    window_.erase(0, drop);
    base_ = keep;
  }

  // ---- faults

  void add(Fault fault) {
    if (faults_.size() >= kMostFaults) return;
    if (fault.line == 0) fault.line = line_of(fault.byte);
    faults_.push_back(std::move(fault));
  }
  [[nodiscard]] std::uint64_t line_of(std::uint64_t byte) const {
    if (byte < base_)
      return context_->input == nullptr ? 1 : static_cast<std::uint64_t>(context_->input->line);
    return 1 + lines_ + count_lines(std::string_view(window_).substr(0, byte - base_));
  }
  [[nodiscard]] std::string too_long() const {
    return fmt::format("a tag, comment or instruction of more than {} bytes",
                       limits_.construct_bytes);
  }
  void refuse(std::string note) {
    if (stopped_ || done_) return;
    Fault f;
    f.rule = &kXmlLimit;
    f.byte = position();
    f.note = std::move(note);
    add(std::move(f));
    done_ = true;
    xmlStopParser(context_);
  }

  static void on_error(void* context, xmlErrorPtr error) {
    Impl& me = self(context);
    if (error == nullptr || error->level < XML_ERR_ERROR || me.done_ || me.stopped_) return;
    // Not faults by the recommendation, which does not make a parser judge URIs.
    if (error->code == XML_WAR_NS_URI || error->code == XML_WAR_NS_URI_RELATIVE) return;
    Fault f;
    f.rule = &kXmlNotWellFormed;
    f.byte = me.position();
    f.note = error->code == XML_ERR_DOCUMENT_END && me.depth_ != 0
                 ? "the document ends before its elements are closed"
                 : shown(trim(error->message == nullptr ? "" : error->message), 300);
    me.add(std::move(f));
    if (error->level == XML_ERR_FATAL || me.context_->wellFormed == 0) me.done_ = true;
  }

  // ---- events

  static void on_start(void* context, const xmlChar* local, const xmlChar* prefix,
                       const xmlChar* uri, int namespaces, const xmlChar** namespace_pairs,
                       int attributes, int, const xmlChar** attribute_fields) {
    Impl& me = self(context);
    if (me.quiet()) return;
    if (me.depth_ >= me.limits_.depth)
      return me.refuse(fmt::format("elements nested deeper than {}", me.limits_.depth));
    if (static_cast<std::size_t>(attributes) + static_cast<std::size_t>(namespaces) >
        me.limits_.attributes)
      return me.refuse(fmt::format("more than {} attributes", me.limits_.attributes));
    me.declared_.clear();
    for (int i = 0; i < namespaces; ++i)
      me.declared_.push_back({view(namespace_pairs[2 * i]), view(namespace_pairs[2 * i + 1])});
    me.attributes_.clear();
    for (int i = 0; i < attributes; ++i) {
      const xmlChar** a = attribute_fields + static_cast<std::ptrdiff_t>(5) * i;
      me.attributes_.push_back(
          {view(a[1]),
           view(a[0]),
           view(a[2]),
           {reinterpret_cast<const char*>(a[3]), static_cast<std::size_t>(a[4] - a[3])}});
    }
    // The cursor stands at the end of the tag, and '<' cannot stand inside it.
    const xmlParserInputPtr in = me.context_->input;
    const void* open = ::memrchr(in->base, '<', static_cast<std::size_t>(in->cur - in->base));
    const std::uint64_t back =
        open == nullptr ? 0
                        : static_cast<std::uint64_t>(in->cur - static_cast<const xmlChar*>(open));
    me.handler_.start_element({.prefix = view(prefix),
                               .local = view(local),
                               .ns = view(uri),
                               .declared = me.declared_,
                               .attributes = me.attributes_,
                               .byte = me.position() - back,
                               .line = static_cast<std::uint64_t>(in->line),
                               .depth = me.depth_});
    ++me.depth_;
  }
  static void on_end(void* context, const xmlChar* local, const xmlChar* prefix, const xmlChar*) {
    Impl& me = self(context);
    if (me.quiet()) return;
    --me.depth_;
    me.handler_.end_element(
        {.prefix = view(prefix), .local = view(local), .end = me.position(), .depth = me.depth_});
  }
  static void on_text(void* context, const xmlChar* text, int size) {
    Impl& me = self(context);
    if (!me.quiet())
      me.handler_.text({reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)});
  }

  static void on_cdata(void* context, const xmlChar* text, int size) {
    Impl& me = self(context);
    if (me.quiet()) return;
    const std::string_view bytes = me.line_ends_.normalised(text, size, me.context_->input);
    if (!bytes.empty()) me.handler_.text(bytes);
  }
  static void on_instruction(void* context, const xmlChar* target, const xmlChar* data) {
    Impl& me = self(context);
    if (!me.quiet()) me.handler_.processing_instruction(view(target), view(data));
  }
  static void on_comment(void* context, const xmlChar* text) {
    Impl& me = self(context);
    if (!me.quiet()) me.handler_.comment(view(text));
  }
  [[nodiscard]] bool quiet() const { return stopped_ || done_; }

  XmlDocumentHandler& handler_;
  XmlDocumentLimits limits_;
  xmlSAXHandler sax_{};
  xmlParserCtxtPtr context_ = nullptr;
  XmlProlog prolog_;
  std::string window_;        // bytes from base_ on
  std::uint64_t base_ = 0;    // offset of the window's first byte
  std::uint64_t lines_ = 0;   // line feeds before the window
  std::uint64_t pushed_ = 0;  // what libxml2 has been given
  std::uint64_t keep_from_ = kNone;
  std::size_t depth_ = 0;
  bool done_ = false;     // a fault has ended it, or finish()
  bool stopped_ = false;  // by the handler
  std::vector<Fault> faults_;
  std::vector<XmlNamespace> declared_;
  std::vector<XmlAttribute> attributes_;
  CdataLineEnds line_ends_;
};

XmlDocumentReader::XmlDocumentReader(XmlDocumentHandler& handler, const XmlDocumentLimits& limits)
    : impl_(std::make_unique<Impl>(handler, limits)) {}
XmlDocumentReader::~XmlDocumentReader() = default;

bool XmlDocumentReader::feed(std::string_view bytes) {
  return impl_->feed(bytes);
}
bool XmlDocumentReader::finish() {
  return impl_->finish();
}
const std::vector<Fault>& XmlDocumentReader::faults() const {
  return impl_->faults();
}
std::vector<std::pair<std::string, std::string>> XmlDocumentReader::scope() const {
  return impl_->scope();
}
void XmlDocumentReader::keep_from(std::uint64_t offset) {
  impl_->keep_from(offset);
}
std::string_view XmlDocumentReader::bytes(std::uint64_t begin, std::uint64_t end) const {
  return impl_->bytes(begin, end);
}
std::uint64_t XmlDocumentReader::bytes_fed() const {
  return impl_->bytes_fed();
}
std::uint64_t XmlDocumentReader::position() const {
  return impl_->position();
}
void XmlDocumentReader::stop() {
  impl_->stop();
}

Status read_document(InputFile& file, XmlDocumentReader& reader,
                     const std::function<void(std::uint64_t)>& progress) {
  std::string buffer(kPiece, '\0');
  while (true) {
    S1FLOW_TRY(const std::size_t size, file.read(buffer.data(), buffer.size()));
    if (size == 0) break;
    if (!reader.feed(std::string_view(buffer).substr(0, size))) break;
    if (progress) progress(reader.bytes_fed());
  }
  reader.finish();
  return {};
}

}  // namespace s1flow::codecs
