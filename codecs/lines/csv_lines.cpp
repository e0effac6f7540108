#include <algorithm>
#include <new>
#include <set>

#include <fmt/format.h>
#include <simdjson.h>

#include "codecs/csv/framer.h"
#include "codecs/csv/row_reader.h"
#include "codecs/lines/line_reader.h"
#include "codecs/lines/lines.h"
#include "codecs/utf8.h"
#include "core/json_text.h"
#include "core/text.h"

namespace s1flow::codecs {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kBom = "\xEF\xBB\xBF";

std::string_view name_of_end(std::string_view end) {
  return end == "\r\n" ? "crlf" : end == "\n" ? "lf" : "none";
}
std::string_view end_of_name(std::string_view name) {
  return name == "crlf" ? "\r\n" : name == "lf" ? "\n" : "";
}

void append_list(std::string& out, const std::vector<std::string>& texts) {
  out.push_back('[');
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i != 0) out.push_back(',');
    append_json_string(out, texts[i]);
  }
  out.push_back(']');
}

Fault fault_at(const Rule& rule, std::uint64_t byte, std::uint64_t line, std::string note) {
  Fault f;
  f.rule = &rule;
  f.byte = byte;
  f.line = line;
  f.note = std::move(note);
  return f;
}

// A member that may be missing, or of another type: then the default stays.
template <typename T>
void read(const dom::object& o, std::string_view key, T& value) {
  T found;
  if (o[key].get(found) == simdjson::SUCCESS) value = found;
}

class RowsToLines {
 public:
  RowsToLines(const Layout& layout, LinesResult& result, std::string& out)
      : layout_(layout), result_(result), out_(out), reader_(layout.csv.delimiter, {}) {}

  // False: a fault.
  bool chunk(const Chunk& chunk) {
    const std::string_view bytes = chunk.bytes;
    if (!is_valid_utf8(bytes))
      return refuse(chunk, kTextEncoding, find_invalid_utf8(bytes), "not UTF-8");
    if (const std::size_t nul = bytes.find('\0'); nul != std::string_view::npos)
      return refuse(chunk, kTextEncoding, nul, "a NUL byte");
    std::size_t at = 0;
    if (chunk.offset == 0 && bytes.starts_with(kBom)) {
      bom_ = true;
      at = kBom.size();
    }
    while (at < bytes.size()) {
      Arena arena;
      const std::size_t start = at;
      if (auto row = reader_.read(bytes, at, arena, fields_); !row)
        return refuse(chunk, *row.error().rule, row.error().byte, row.error().note);
      const std::string_view raw = bytes.substr(start, at - start);
      const std::string_view end = raw.ends_with("\r\n") ? "\r\n" : raw.ends_with('\n') ? "\n" : "";
      if (!begun_)
        begin(end);
      else
        row(end);
    }
    return true;
  }
  // A file without a row.
  void finish() {
    if (!begun_) begin(layout_.csv.line_end);
  }

 private:
  bool refuse(const Chunk& chunk, const Rule& rule, std::size_t at, std::string note) {
    const auto lines = static_cast<std::uint64_t>(std::count(
        chunk.bytes.begin(), chunk.bytes.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    result_.faults.push_back(
        fault_at(rule, chunk.offset + at, chunk.first_line + lines, std::move(note)));
    return false;
  }

  void begin(std::string_view end) {
    begun_ = true;
    end_ = end.empty() ? std::string_view(layout_.csv.line_end) : end;
    const bool header = layout_.csv.header && !fields_.empty();
    if (header)
      columns_.assign(fields_.begin(), fields_.end());
    else
      for (const CsvColumn& c : layout_.columns) columns_.push_back(c.name);
    named_ = std::set<std::string>(columns_.begin(), columns_.end()).size() == columns_.size() &&
             std::none_of(columns_.begin(), columns_.end(),
                          [](const std::string& c) { return c.starts_with('#'); });
    JsonObject o(out_);
    o.text(kLinesKey, kCsvLines).text("layout", layout_.name());
    o.text("delimiter", std::string_view(&layout_.csv.delimiter, 1));
    o.text("line-end", name_of_end(end_));
    std::string list;
    append_list(list, columns_);
    o.raw("columns", list).boolean("header", header);
    if (header && end.empty()) o.boolean("header-unended", true);
    if (bom_) o.boolean("bom", true);
    o.finish();
    end_line();
    if (!layout_.csv.header && !fields_.empty()) row(end);
  }

  void row(std::string_view end) {
    out_.push_back('{');
    if (named_ && fields_.size() == columns_.size()) {
      for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (i != 0) out_.push_back(',');
        append_json_string(out_, columns_[i]);
        out_.push_back(':');
        append_json_string(out_, fields_[i]);
      }
    } else {
      out_ += "\"#row\":";
      append_list(out_, {fields_.begin(), fields_.end()});
    }
    if (end != end_) out_.append(",\"#line-end\":\"").append(name_of_end(end)).append("\"");
    out_.push_back('}');
    end_line();
  }
  void end_line() {
    out_.push_back('\n');
    ++result_.lines;
  }

  const Layout& layout_;
  LinesResult& result_;
  std::string& out_;
  CsvRowReader reader_;
  std::vector<std::string_view> fields_;
  std::vector<std::string> columns_;
  std::string_view end_;
  bool begun_ = false;
  bool bom_ = false;
  bool named_ = true;  // columns can be keys
};

// The other way.
class LinesToRows {
 public:
  explicit LinesToRows(std::string& out) : out_(out) {}

  void use(const Layout& layout) {
    delimiter_ = layout.csv.delimiter;
    end_ = layout.csv.line_end;
    columns_.clear();
    for (const CsvColumn& c : layout.columns) columns_.push_back(c.name);
    known_ = true;
    header_pending_ = layout.csv.header;
  }

  // Empty: all is well.
  std::string line(const dom::object& o, std::uint64_t number) {
    if (o.size() != 0 && (*o.begin()).key == kLinesKey)
      return number == 1 ? first(o) : "only the first line names the form";
    if (!known_) return "the first line does not say what the columns are; name the layout";
    header();
    return row(o);
  }
  void header() {
    if (!header_pending_) return;
    header_pending_ = false;
    write({columns_.begin(), columns_.end()});
    out_ += header_unended_ ? std::string_view() : std::string_view(end_);
  }

 private:
  std::string first(const dom::object& o) {
    std::string_view form, delimiter = ",", end = "crlf";
    bool header = true, bom = false;
    dom::array columns;
    if (o[kLinesKey].get(form) != simdjson::SUCCESS || form != kCsvLines)
      return fmt::format("the first line has to name {}", kCsvLines);
    if (o["columns"].get(columns) != simdjson::SUCCESS) return "'columns' is missing";
    read(o, "delimiter", delimiter);
    read(o, "line-end", end);
    read(o, "header", header);
    read(o, "header-unended", header_unended_);
    read(o, "bom", bom);
    if (delimiter.size() != 1) return "'delimiter' has to be one character";
    columns_.clear();
    for (const dom::element c : columns) {
      std::string_view name;
      if (c.get(name) != simdjson::SUCCESS) return "'columns' holds something that is no text";
      columns_.emplace_back(name);
    }
    delimiter_ = delimiter.front();
    end_ = end_of_name(end);
    header_pending_ = header;
    known_ = true;
    if (bom) out_ += kBom;
    return {};
  }

  std::string row(const dom::object& o) {
    std::vector<std::string_view> fields;
    std::string_view end = end_;
    dom::array list;
    const bool by_list = o["#row"].get(list) == simdjson::SUCCESS;
    if (by_list) {
      for (const dom::element e : list) {
        std::string_view text;
        if (e.get(text) != simdjson::SUCCESS) return "#row holds something that is no text";
        fields.push_back(text);
      }
    } else {
      fields.resize(columns_.size());
    }
    std::vector<bool> seen(columns_.size(), false);
    for (const auto [key, value] : o) {
      std::string_view text;
      if (key == "#row") continue;
      if (value.get(text) != simdjson::SUCCESS) return fmt::format("'{}' is no text", shown(key));
      if (key == "#line-end") {
        end = end_of_name(text);
        continue;
      }
      const auto column = std::find(columns_.begin(), columns_.end(), key);
      const auto i = static_cast<std::size_t>(column - columns_.begin());
      if (by_list || column == columns_.end())
        return fmt::format("there is no column '{}'", shown(key));
      if (seen[i]) return fmt::format("column '{}' stands twice", shown(key));
      seen[i] = true;
      fields[i] = text;
    }
    write(fields);
    out_ += end;
    return {};
  }

  void write(const std::vector<std::string_view>& fields) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i != 0) out_.push_back(delimiter_);
      append_csv_field(out_, fields[i], delimiter_);
    }
  }

  std::string& out_;
  std::vector<std::string> columns_;
  std::string end_ = "\r\n";
  char delimiter_ = ',';
  bool known_ = false;
  bool header_pending_ = false;
  bool header_unended_ = false;
};

}  // namespace

Result<LinesResult> csv_to_lines(InputFile& file, const Layout& layout, const ByteSink& sink,
                                 const BytesRead& progress) {
  const Limits limits;
  CsvFramer framer(layout.csv.header ? CsvHeader::yes : CsvHeader::no);
  ChunkReader chunks(std::move(file), framer, 1 << 16, limits);
  LinesResult result;
  std::string out;
  RowsToLines rows(layout, result, out);
  while (true) {
    Chunk chunk;
    S1FLOW_TRY(NextChunk next, chunks.next(chunk));
    if (next.fault) result.faults.push_back(std::move(*next.fault));
    if (!next.more || !rows.chunk(chunk)) break;
    S1FLOW_TRY_VOID(sink(out));
    out.clear();
    if (progress) progress(chunk.offset + chunk.bytes.size());
  }
  if (result.faults.empty()) {
    rows.finish();
    S1FLOW_TRY_VOID(sink(out));
  }
  return result;
}

Result<LinesResult> lines_to_csv(InputFile& file, const Layout* layout, const ByteSink& sink,
                                 const BytesRead& progress) {
  LineReader lines(file, progress);
  LinesResult result;
  std::string out;
  LinesToRows rows(out);
  if (layout != nullptr) rows.use(*layout);
  dom::parser parser;
  std::string padded;
  while (true) {
    std::string_view line;
    S1FLOW_TRY(const bool more, lines.next(line));
    if (!more) break;
    ++result.lines;
    padded.assign(line);
    padded.reserve(padded.size() + simdjson::SIMDJSON_PADDING);
    dom::object o;
    const auto error = parser.parse(padded.data(), padded.size(), false).get(o);
    if (error == simdjson::MEMALLOC) throw std::bad_alloc();  // no fault of the line
    std::string trouble =
        error != simdjson::SUCCESS ? simdjson::error_message(error) : rows.line(o, lines.number());
    if (!trouble.empty()) {
      result.faults.push_back(
          fault_at(kJsonMalformed, lines.offset(), lines.number(), std::move(trouble)));
      return result;
    }
    S1FLOW_TRY_VOID(sink(out));
    out.clear();
  }
  rows.header();
  S1FLOW_TRY_VOID(sink(out));
  return result;
}

}  // namespace s1flow::codecs
