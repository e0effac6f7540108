#include "codecs/container_check.h"

#include "codecs/csv/syntax.h"
#include "codecs/json/syntax.h"
#include "codecs/xml/document_reader.h"

namespace s1flow::codecs {
namespace {

constexpr std::size_t kMostLineFaults = 1000;

// Whole JSON texts, one a line.
class JsonLines {
 public:
  bool feed(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t newline = bytes.find('\n');
      const std::string_view piece = bytes.substr(0, newline);
      (void)syntax_.feed(piece);
      size_ += piece.size();
      if (newline == std::string_view::npos) return true;
      end_line();
      bytes.remove_prefix(newline + 1);
    }
    return true;
  }
  void finish() {
    if (size_ != 0) end_line();
  }
  std::vector<Fault> faults;

 private:
  void end_line() {
    if (!syntax_.finish() && faults.size() < kMostLineFaults) {
      Fault f = *syntax_.fault();
      f.byte += start_;  // the automaton counts from the line's start
      f.line = line_;
      f.ordinal = line_;
      faults.push_back(std::move(f));
    }
    syntax_ = JsonSyntax();
    start_ += size_ + 1;
    size_ = 0;
    ++line_;
  }
  JsonSyntax syntax_;  // of the line
  std::uint64_t size_ = 0, start_ = 0, line_ = 1;
};

template <typename Feed>
Status each_piece(InputFile& file, const std::function<void(std::uint64_t)>& progress, Feed feed) {
  std::string buffer(std::size_t{256} * 1024, '\0');
  std::uint64_t read = 0;
  while (true) {
    S1FLOW_TRY(const std::size_t size, file.read(buffer.data(), buffer.size()));
    if (size == 0) return {};
    if (!feed(std::string_view(buffer).substr(0, size))) return {};
    read += size;
    if (progress) progress(read);
  }
}

}  // namespace

std::optional<BareContainer> parse_bare_container(std::string_view name) {
  if (name == "xml") return BareContainer::xml;
  if (name == "csv") return BareContainer::csv;
  if (name == "json") return BareContainer::json;
  if (name == "jsonl") return BareContainer::jsonl;
  return std::nullopt;
}

Result<std::vector<Fault>> check_container(InputFile& file, BareContainer container,
                                           const std::function<void(std::uint64_t)>& progress) {
  switch (container) {
    case BareContainer::xml: {
      XmlDocumentHandler nobody;
      XmlDocumentReader reader(nobody);
      S1FLOW_TRY_VOID(read_document(file, reader, progress));
      return reader.faults();
    }
    case BareContainer::csv: {
      CsvSyntax syntax;
      S1FLOW_TRY_VOID(
          each_piece(file, progress, [&](std::string_view piece) { return syntax.feed(piece); }));
      syntax.finish();
      return syntax.faults();
    }
    case BareContainer::json: {
      JsonSyntax syntax;
      S1FLOW_TRY_VOID(
          each_piece(file, progress, [&](std::string_view piece) { return syntax.feed(piece); }));
      std::vector<Fault> faults;
      if (!syntax.finish()) faults.push_back(*syntax.fault());
      return faults;
    }
    case BareContainer::jsonl: {
      JsonLines lines;
      S1FLOW_TRY_VOID(
          each_piece(file, progress, [&](std::string_view piece) { return lines.feed(piece); }));
      lines.finish();
      return std::move(lines.faults);
    }
  }
  return std::vector<Fault>{};
}

}  // namespace s1flow::codecs
