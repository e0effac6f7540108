#include <new>

#include <fmt/format.h>
#include <simdjson.h>

#include "codecs/lines/line_reader.h"
#include "codecs/lines/lines.h"
#include "codecs/xml/c14n.h"
#include "codecs/xml/document_reader.h"

namespace s1flow::codecs {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kGather = 64UL * 1024;

bool is_name(std::string_view name) {
  return !name.empty() && name.find_first_of(" \t\r\n<>/='\"&@#") == std::string_view::npos;
}

// What is wrong with a line; empty: nothing.
using Trouble = std::string;

class XmlMaker {
 public:
  explicit XmlMaker(std::string& out) : out_(out) {}
  [[nodiscard]] bool open() const { return !open_.empty(); }

  Trouble line(const dom::object& o) {
    std::string_view what;
    const char* before = open_.empty() ? "" : "\n";
    std::string_view space = before;
    for (const auto [key, value] : o)
      if (key == "#before" && value.get(space) != simdjson::SUCCESS) return "#before is no text";
    if (open_.empty() && !space.empty()) return "#before outside of the root element";
    append_c14n_text(out_, space);
    const std::string_view first = (*o.begin()).key;
    if (first == "#open") return open_line(o);
    if (first == "#close") return close_line(o);
    if (first == "#comment" || first == "#pi") {
      Trouble t = aside(o);
      if (open_.empty()) out_.push_back('\n');
      return t;
    }
    std::size_t members = 0;
    for (const auto [key, value] : o) {
      if (key == "#before") continue;
      if (++members > 1) return "more than one element on a line";
      if (open_.empty()) return fmt::format("element '{}' outside of the root element", key);
      if (Trouble t = element(key, value); !t.empty()) return t;
    }
    return members == 0 ? "nothing on the line" : Trouble();
  }

 private:
  static bool text_of(const dom::element& value, std::string_view& text) {
    return value.get(text) == simdjson::SUCCESS;
  }

  Trouble open_line(const dom::object& o) {
    std::string_view name;
    if (!text_of((*o.begin()).value, name) || !is_name(name)) return "#open needs a name";
    if (open_.empty() && rooted_) return "a second root element";
    rooted_ = true;
    out_.append("<").append(name);
    for (const auto [key, value] : o) {
      if (key == "#open" || key == "#before") continue;
      if (Trouble t = attribute(key, value); !t.empty()) return t;
    }
    out_.push_back('>');
    open_.emplace_back(name);
    return {};
  }

  Trouble close_line(const dom::object& o) {
    std::string_view name;
    if (!text_of((*o.begin()).value, name) || open_.empty() || name != open_.back())
      return fmt::format("#close does not fit what is open ({})",
                         open_.empty() ? "nothing" : open_.back());
    out_.append("</").append(name).append(">");
    open_.pop_back();
    if (open_.empty()) out_.push_back('\n');
    return {};
  }

  Trouble aside(const dom::object& o) {
    std::string_view text, target;
    for (const auto [key, value] : o) {
      std::string_view t;
      if (!text_of(value, t)) return fmt::format("'{}' is no text", key);
      if (key == "#comment" || key == "#data") text = t;
      if (key == "#pi") target = t;
    }
    if (target.empty() && (*o.begin()).key == "#pi") return "#pi needs a name";
    if (target.empty()) {
      if (text.find("--") != std::string_view::npos) return "-- cannot stand in a comment";
      out_.append("<!--").append(text).append("-->");
    } else {
      if (!is_name(target) || text.find("?>") != std::string_view::npos) return "no instruction";
      out_.append("<?").append(target);
      if (!text.empty()) out_.append(" ").append(text);
      out_.append("?>");
    }
    return {};
  }

  Trouble attribute(std::string_view key, const dom::element& value) {
    std::string_view text;
    if (!key.starts_with('@') || !is_name(key.substr(1)))
      return fmt::format("'{}' is no attribute", key);
    if (!text_of(value, text)) return fmt::format("'{}' is no text", key);
    out_.append(" ").append(key.substr(1)).append("=\"");
    append_c14n_attribute(out_, text);
    out_.push_back('"');
    return {};
  }

  Trouble element(std::string_view name, const dom::element& value) {
    if (!is_name(name)) return fmt::format("'{}' is no name of an element", name);
    std::string_view text;
    if (text_of(value, text)) {
      out_.append("<").append(name).append(">");
      append_c14n_text(out_, text);
      out_.append("</").append(name).append(">");
      return {};
    }
    dom::object o;
    if (value.get(o) != simdjson::SUCCESS)
      return fmt::format("'{}' has to be a text or an object", name);
    out_.append("<").append(name);
    for (const auto [key, v] : o)
      if (key.starts_with('@'))
        if (Trouble t = attribute(key, v); !t.empty()) return t;
    out_.push_back('>');
    if (Trouble t = inside(o); !t.empty()) return t;
    out_.append("</").append(name).append(">");
    return {};
  }

  Trouble inside(const dom::object& o) {
    dom::array space;
    std::size_t children = 0, blanks = 0;
    for (const auto [key, value] : o) {
      if (key == "#text") {
        std::string_view text;
        if (!text_of(value, text)) return "#text is no text";
        append_c14n_text(out_, text);
      } else if (key == "#content") {
        dom::array items;
        if (value.get(items) != simdjson::SUCCESS) return "#content is no list";
        if (Trouble t = content(items); !t.empty()) return t;
      } else if (key == "#space") {
        if (value.get(space) != simdjson::SUCCESS) return "#space is no list";
        blanks = space.size();
      } else if (!key.starts_with('@')) {
        dom::array list;
        children += value.get(list) == simdjson::SUCCESS ? list.size() : 1;
      }
    }
    if (blanks != 0 && blanks != 2 && blanks != children + 1)
      return "#space has neither 2 entries nor one more than there are children";
    std::size_t child = 0;
    const auto put_space = [&](bool end) {
      if (blanks == 0) return;
      const std::size_t i = end ? blanks - 1 : blanks == 2 ? 0 : child;
      std::string_view text;
      if (space.at(i).get(text) == simdjson::SUCCESS) append_c14n_text(out_, text);
    };
    for (const auto [key, value] : o) {
      if (key.starts_with('@') || key.starts_with('#')) continue;
      dom::array list;
      if (value.get(list) != simdjson::SUCCESS) {
        put_space(false);
        ++child;
        if (Trouble t = element(key, value); !t.empty()) return t;
        continue;
      }
      for (const dom::element item : list) {
        put_space(false);
        ++child;
        if (Trouble t = element(key, item); !t.empty()) return t;
      }
    }
    put_space(true);
    return {};
  }

  Trouble content(const dom::array& items) {
    for (const dom::element item : items) {
      std::string_view text;
      dom::object o;
      if (text_of(item, text)) {
        append_c14n_text(out_, text);
      } else if (item.get(o) != simdjson::SUCCESS || o.size() == 0) {
        return "an entry of #content is neither text nor object";
      } else if ((*o.begin()).key == "#comment" || (*o.begin()).key == "#pi") {
        if (Trouble t = aside(o); !t.empty()) return t;
      } else {
        for (const auto [key, value] : o)
          if (Trouble t = element(key, value); !t.empty()) return t;
      }
    }
    return {};
  }

  std::string& out_;
  std::vector<std::string> open_;
  bool rooted_ = false;
};

}  // namespace

Result<LinesResult> lines_to_xml(InputFile& file, const ByteSink& sink, const BytesRead& progress) {
  LineReader lines(file, progress);
  LinesResult result;
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  XmlMaker maker(out);
  // What comes out is read once more, so that it is known to be a document.
  XmlDocumentHandler nobody;
  XmlDocumentReader judge(nobody);
  const auto flush = [&]() -> Status {
    judge.feed(out);
    Status written = sink(out);
    out.clear();
    return written;
  };
  const auto refuse = [&](const Rule& rule, std::string note) {
    Fault f;
    f.rule = &rule;
    f.line = f.ordinal = lines.number();
    f.byte = lines.offset();
    f.note = std::move(note);
    result.faults.push_back(std::move(f));
  };
  dom::parser parser;
  std::string padded;
  while (result.faults.empty()) {
    std::string_view line;
    S1FLOW_TRY(const bool more, lines.next(line));
    if (!more) break;
    ++result.lines;
    padded.assign(line);
    padded.reserve(padded.size() + simdjson::SIMDJSON_PADDING);
    dom::object o;
    const auto error = parser.parse(padded.data(), padded.size(), false).get(o);
    if (error == simdjson::MEMALLOC) throw std::bad_alloc();  // no fault of the line
    if (error != simdjson::SUCCESS || o.size() == 0) {
      refuse(kJsonMalformed,
             error == simdjson::SUCCESS ? "an empty object" : simdjson::error_message(error));
      break;
    }
    if ((*o.begin()).key == kLinesKey) {
      std::string_view form;
      if ((*o.begin()).value.get(form) != simdjson::SUCCESS || form != kXmlLines ||
          lines.number() != 1)
        refuse(kJsonMalformed, fmt::format("the first line, and only it, names {}", kXmlLines));
      continue;
    }
    if (Trouble t = maker.line(o); !t.empty()) refuse(kJsonMalformed, std::move(t));
    if (out.size() >= kGather) S1FLOW_TRY_VOID(flush());
  }
  if (!result.faults.empty()) return result;
  S1FLOW_TRY_VOID(flush());
  if (!judge.finish()) {
    refuse(kXmlNotWellFormed, judge.faults().empty() ? "" : judge.faults().front().note);
    result.faults.back().line = 0;
  }
  return result;
}

LinesOf lines_of(std::string_view first_line) {
  const auto has = [&](std::string_view form) {
    return first_line.starts_with("{\"" + std::string(kLinesKey) + "\":\"" + std::string(form) +
                                  "\"");
  };
  return has(kXmlLines) ? LinesOf::xml : has(kCsvLines) ? LinesOf::csv : LinesOf::something_else;
}

}  // namespace s1flow::codecs
