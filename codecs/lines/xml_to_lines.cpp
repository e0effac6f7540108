#include <algorithm>

#include "codecs/lines/lines.h"
#include "codecs/xml/document_reader.h"
#include "core/json_text.h"
#include "core/text.h"

namespace s1flow::codecs {
namespace {

constexpr std::size_t kGather = 64UL * 1024;
// Of one element that becomes a line: more than any record may have.
constexpr std::size_t kMostHeld = 64UL << 20;

bool blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string qualified(std::string_view prefix, std::string_view local) {
  std::string name(prefix);
  if (!prefix.empty()) name.push_back(':');
  return name.append(local);
}

void append_key(std::string& out, std::string_view key) {
  append_json_string(out, key);
  out.push_back(':');
}

// The element at hand, as a tree that lives for one line.
struct Item {
  enum class Kind : std::uint8_t { text, element, comment, instruction };
  Kind kind = Kind::text;
  std::string name;        // of an element; target of an instruction
  std::string text;        // of all but elements; data of an instruction
  std::string attributes;  // "\"@a\":\"b\"" joined by commas
  std::vector<Item> items;
};

// Members of an object, with commas where they belong.
class Members {
 public:
  explicit Members(std::string& out) : out_(out) { out_.push_back('{'); }
  std::string& next(std::string_view key) {
    comma();
    append_key(out_, key);
    return out_;
  }
  void raw(std::string_view members) {
    if (members.empty()) return;
    comma();
    out_ += members;
  }
  void finish() { out_.push_back('}'); }

 private:
  void comma() {
    if (any_) out_.push_back(',');
    any_ = true;
  }
  std::string& out_;
  bool any_ = false;
};

// True when the children can stand as members: elements with nothing but blanks between them, equal
// names next to each other.
bool has_members_only(const Item& e) {
  std::vector<std::string_view> ended;
  std::string_view last;
  for (const Item& i : e.items) {
    if (i.kind == Item::Kind::text && blank(i.text)) continue;
    if (i.kind != Item::Kind::element) return false;
    if (i.name == last) continue;
    if (std::find(ended.begin(), ended.end(), i.name) != ended.end()) return false;
    ended.push_back(i.name);
    last = i.name;
  }
  return !last.empty();
}

void append_value(std::string& out, const Item& e);

void append_content(std::string& out, const Item& e) {
  out.push_back('[');
  bool any = false;
  for (const Item& i : e.items) {
    if (any) out.push_back(',');
    any = true;
    if (i.kind == Item::Kind::text) {
      append_json_string(out, i.text);
      continue;
    }
    Members m(out);
    if (i.kind == Item::Kind::element) {
      append_value(m.next(i.name), i);
    } else if (i.kind == Item::Kind::comment) {
      append_json_string(m.next("#comment"), i.text);
    } else {
      append_json_string(m.next("#pi"), i.name);
      append_json_string(m.next("#data"), i.text);
    }
    m.finish();
  }
  out.push_back(']');
}

// Blanks before each child and before the end tag. Two texts for more than one child: the first
// stands before every child.
void append_space(Members& m, const Item& e) {
  std::vector<std::string_view> blanks;
  std::string_view before;
  for (const Item& i : e.items) {
    if (i.kind == Item::Kind::text) {
      before = i.text;
      continue;
    }
    blanks.push_back(before);
    before = {};
  }
  blanks.push_back(before);
  if (std::all_of(blanks.begin(), blanks.end(), [](std::string_view b) { return b.empty(); }))
    return;
  if (std::all_of(blanks.begin(), blanks.end() - 1,
                  [&](std::string_view b) { return b == blanks[0]; }))
    blanks = {blanks.front(), blanks.back()};
  std::string& out = m.next("#space");
  out.push_back('[');
  for (std::size_t i = 0; i < blanks.size(); ++i) {
    if (i != 0) out.push_back(',');
    append_json_string(out, blanks[i]);
  }
  out.push_back(']');
}

void append_value(std::string& out, const Item& e) {
  const bool text_only = std::all_of(e.items.begin(), e.items.end(),
                                     [](const Item& i) { return i.kind == Item::Kind::text; });
  const std::string_view text =
      text_only && !e.items.empty() ? std::string_view(e.items.front().text) : std::string_view();
  if (text_only && e.attributes.empty()) return append_json_string(out, text);
  Members m(out);
  m.raw(e.attributes);
  if (text_only) {
    if (!text.empty()) append_json_string(m.next("#text"), text);
  } else if (has_members_only(e)) {
    std::vector<const Item*> children;
    for (const Item& i : e.items)
      if (i.kind == Item::Kind::element) children.push_back(&i);
    for (std::size_t i = 0; i < children.size();) {
      std::size_t end = i;
      while (end < children.size() && children[end]->name == children[i]->name) ++end;
      std::string& to = m.next(children[i]->name);
      if (end - i > 1) to.push_back('[');
      for (std::size_t j = i; j < end; ++j) {
        if (j != i) to.push_back(',');
        append_value(to, *children[j]);
      }
      if (end - i > 1) to.push_back(']');
      i = end;
    }
    append_space(m, e);
  } else {
    append_content(m.next("#content"), e);
  }
  m.finish();
}

class LineMaker final : public XmlDocumentHandler {
 public:
  LineMaker(const std::vector<std::string>& path, const ByteSink& sink)
      : path_(path), sink_(sink) {}
  void attach(XmlDocumentReader& reader) { reader_ = &reader; }

  void begin(std::string_view layout) {
    Members m(out_);
    append_json_string(m.next(kLinesKey), kXmlLines);
    if (!layout.empty()) append_json_string(m.next("layout"), layout);
    m.finish();
    end_line();
  }
  Status finish() {
    flush();
    if (error_) return tl::unexpected(std::move(*error_));
    return {};
  }
  [[nodiscard]] std::uint64_t lines() const { return lines_; }

  void start_element(const XmlStart& e) override {
    std::string attributes;
    for (const XmlNamespace& n : e.declared)
      attribute(attributes, qualified("xmlns", n.prefix), n.uri);
    for (const XmlAttribute& a : e.attributes)
      attribute(attributes, qualified(a.prefix, a.local), a.value);
    const std::string name = qualified(e.prefix, e.local);
    if (open_.empty()) {
      const bool on_path = e.depth == 0 || (e.depth < path_.size() && on_path_ == e.depth &&
                                            path_[e.depth - 1] == e.local);
      if (on_path) {
        ++on_path_;
        Members m(out_);
        append_json_string(m.next("#open"), name);
        m.raw(attributes);
        before(m);
        m.finish();
        return end_line();
      }
      line_ = {};
      open_.push_back(&line_);
    } else {
      open_.push_back(&open_.back()->items.emplace_back());
    }
    Item& item = *open_.back();
    item.kind = Item::Kind::element;
    item.name = name;
    item.attributes = std::move(attributes);
    held_ += name.size() + item.attributes.size();
    limit();
  }

  void end_element(const XmlEnd& e) override {
    if (open_.empty()) {
      --on_path_;
      Members m(out_);
      append_json_string(m.next("#close"), qualified(e.prefix, e.local));
      before(m);
      m.finish();
      return end_line();
    }
    open_.pop_back();
    if (!open_.empty()) return;
    Members m(out_);
    append_value(m.next(line_.name), line_);
    before(m);
    m.finish();
    held_ = 0;
    end_line();
  }

  void text(std::string_view t) override {
    if (open_.empty()) {
      before_ += t;
    } else {
      std::vector<Item>& items = open_.back()->items;
      if (items.empty() || items.back().kind != Item::Kind::text) items.emplace_back();
      items.back().text += t;
    }
    held_ += t.size();
    limit();
  }
  void comment(std::string_view t) override { aside(Item::Kind::comment, {}, t); }
  void processing_instruction(std::string_view target, std::string_view data) override {
    aside(Item::Kind::instruction, target, data);
  }

 private:
  static void attribute(std::string& out, std::string_view name, std::string_view value) {
    if (!out.empty()) out.push_back(',');
    std::string key = "@";
    // The default name space is declared by "xmlns" alone.
    key += name.ends_with(':') ? name.substr(0, name.size() - 1) : name;
    append_key(out, key);
    append_json_string(out, value);
  }

  void aside(Item::Kind kind, std::string_view target, std::string_view text) {
    if (!open_.empty()) {
      Item& item = open_.back()->items.emplace_back();
      item.kind = kind;
      item.name = target;
      item.text = text;
      held_ += text.size();
      return limit();
    }
    Members m(out_);
    if (kind == Item::Kind::comment) {
      append_json_string(m.next("#comment"), text);
    } else {
      append_json_string(m.next("#pi"), target);
      append_json_string(m.next("#data"), text);
    }
    before(m);
    m.finish();
    end_line();
  }

  // What stood before the line; a line feed inside the root goes without saying.
  void before(Members& m) {
    const std::string_view usual = on_path_usual_ ? "\n" : "";
    if (before_ != usual) append_json_string(m.next("#before"), before_);
    before_.clear();
    held_ = 0;
  }

  void end_line() {
    out_.push_back('\n');
    ++lines_;
    on_path_usual_ = on_path_ != 0;
    if (out_.size() >= kGather) flush();
  }
  void flush() {
    if (!error_)
      if (Status written = sink_(out_); !written) error_ = std::move(written).error();
    out_.clear();
    if (error_) reader_->stop();
  }
  void limit() {
    if (held_ <= kMostHeld || error_) return;
    error_ = usage_error("an element or text of more than 64 MiB cannot be one line");
    reader_->stop();
  }

  const std::vector<std::string>& path_;
  const ByteSink& sink_;
  XmlDocumentReader* reader_ = nullptr;
  std::string out_;
  std::string before_;
  std::size_t on_path_ = 0;     // open elements that have lines of their own
  bool on_path_usual_ = false;  // the next line starts inside the root
  Item line_;
  std::vector<Item*> open_;
  std::size_t held_ = 0;
  std::uint64_t lines_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Result<LinesResult> xml_to_lines(InputFile& file, const std::vector<std::string>& record_path,
                                 std::string_view layout, const ByteSink& sink,
                                 const BytesRead& progress) {
  LineMaker maker(record_path, sink);
  XmlDocumentReader reader(maker);
  maker.attach(reader);
  maker.begin(layout);
  S1FLOW_TRY_VOID(read_document(file, reader, progress));
  S1FLOW_TRY_VOID(maker.finish());
  return LinesResult{.faults = reader.faults(), .lines = maker.lines()};
}

}  // namespace s1flow::codecs
