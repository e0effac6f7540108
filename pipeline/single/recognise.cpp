#include "pipeline/single/recognise.h"

#include <algorithm>

#include <fmt/format.h>

#include "codecs/csv/row_reader.h"
#include "codecs/xml/chunk_parser.h"
#include "codecs/xml/document_reader.h"
#include "codecs/xml/framer.h"
#include "core/text.h"

namespace s1flow::pipeline {
namespace {

using codecs::BareContainer;
using codecs::Container;
using codecs::Layout;
using LayoutPtr = std::shared_ptr<const Layout>;

constexpr std::size_t kHead = 256UL * 1024;

Result<std::string> head_of(const Path& path) {
  S1FLOW_TRY(InputFile file, InputFile::open(path));
  // One of many small files needs no more memory than it has bytes.
  std::string head(file.size() == 0 ? kHead : std::min<std::uint64_t>(kHead, file.size()), '\0');
  S1FLOW_TRY(const std::size_t size, file.read(head.data(), head.size()));
  head.resize(size);
  return head;
}

class RootFinder final : public codecs::XmlDocumentHandler {
 public:
  void attach(codecs::XmlDocumentReader& reader) { reader_ = &reader; }
  void start_element(const codecs::XmlStart& e) override {
    found.emplace(codecs::XmlName{.local = std::string(e.local), .ns = std::string(e.ns)});
    reader_->stop();
  }
  std::optional<codecs::XmlName> found;

 private:
  codecs::XmlDocumentReader* reader_ = nullptr;
};

std::optional<codecs::XmlName> root_of(std::string_view head) {
  RootFinder finder;
  codecs::XmlDocumentReader reader(finder);
  finder.attach(reader);
  // The root is most often in the first piece, and what is not given is not looked at.
  constexpr std::size_t kPiece = 4096;
  for (; !head.empty() && reader.feed(head.substr(0, kPiece));
       head.remove_prefix(std::min(kPiece, head.size()))) {
  }
  if (!finder.found) reader.finish();
  return finder.found;
}

// Layouts of the container whose file-name pattern fits; those without a pattern never do.
LayoutPtr by_name(const codecs::LayoutSet& layouts, Container container, const std::string& name) {
  for (const LayoutPtr& l : layouts.all()) {
    if (l->container != container || l->file_name.empty()) continue;
    Arena arena;
    codecs::Record header(l->type->header, arena);
    if (l->file_name.read(name, header)) return l;
  }
  return nullptr;
}

LayoutPtr by_columns(const codecs::LayoutSet& layouts, std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  for (const LayoutPtr& l : layouts.all()) {
    if (l->container != Container::csv || !l->csv.header) continue;
    Arena arena;
    std::vector<std::string_view> fields;
    std::size_t at = 0;
    if (!codecs::CsvRowReader(l->csv.delimiter, {}).read(head, at, arena, fields)) continue;
    if (std::equal(fields.begin(), fields.end(), l->columns.begin(), l->columns.end(),
                   [](std::string_view f, const codecs::CsvColumn& c) { return f == c.name; }))
      return l;
  }
  return nullptr;
}

// The keys at the top of the first line, by looking for "key": outside of nested values.
std::vector<std::string> first_keys(std::string_view head) {
  std::vector<std::string> keys;
  std::size_t depth = 0;
  for (std::size_t i = 0; i < head.size() && head[i] != '\n'; ++i) {
    const char c = head[i];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') continue;
    const std::size_t start = ++i;
    while (i < head.size() && head[i] != '"') i += head[i] == '\\' ? 2 : 1;
    if (i >= head.size()) break;
    if (depth == 1 && i + 1 < head.size() && head[i + 1] == ':')
      keys.emplace_back(head.substr(start, i - start));
  }
  return keys;
}

// The layout that knows most of the keys, when it knows more than half.
LayoutPtr by_keys(const codecs::LayoutSet& layouts, std::string_view head) {
  const std::vector<std::string> keys = first_keys(head);
  LayoutPtr best;
  std::size_t most = 0;
  for (const LayoutPtr& l : layouts.all()) {
    if (l->container != Container::jsonl) continue;
    std::size_t known = 0;
    for (const std::string& key : keys)
      known += std::any_of(l->nodes.begin(), l->nodes.end(), [&](const codecs::PlanNode& n) {
        return n.parent == 0 && n.name == key;
      });
    if (known > most && known * 2 > keys.size()) {
      most = known;
      best = l;
    }
  }
  return best;
}

}  // namespace

Result<Recognised> recognise(const Path& path, const codecs::LayoutSet& layouts) {
  S1FLOW_TRY(const std::string head, head_of(path));
  Recognised r;
  std::string_view rest = head;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  rest = trim(rest);
  r.empty = head.empty();
  const std::string name = path.filename().string();
  if (rest.starts_with('<')) {
    r.container = BareContainer::xml;
    if (const auto root = root_of(head)) {
      r.layout = layouts.for_root(root->local, root->ns);
      r.seen = fmt::format(
          "root element '{}'{}", shown(root->local),
          root->ns.empty() ? std::string() : fmt::format(" of name space '{}'", shown(root->ns)));
      return r;
    }
    r.layout = by_name(layouts, Container::xml, name);
    return r;
  }
  if (rest.starts_with('{') || rest.starts_with('[')) {
    r.container = BareContainer::jsonl;
    r.layout = by_keys(layouts, rest);
    r.seen = "keys that no layout has";
    return r;
  }
  r.layout = by_columns(layouts, head);
  for (const Container c : {Container::csv, Container::xml})
    if (!r.layout) r.layout = by_name(layouts, c, name);
  if (r.layout && r.layout->container == Container::xml) r.container = BareContainer::xml;
  r.seen = "first line '" + shown(head.substr(0, head.find_first_of("\r\n"))) + "'";
  return r;
}

Result<LayoutPtr> find_layout(const codecs::LayoutSet& layouts, std::string_view name) {
  if (LayoutPtr found = layouts.find(name)) return found;
  std::string known;
  for (const LayoutPtr& l : layouts.all()) known += (known.empty() ? "" : ", ") + l->name();
  return tl::unexpected(
      usage_error(fmt::format("there is no layout '{}'; there are {}", name, known)));
}

Result<ExchangeHeader> peek_header(const Path& path, const LayoutPtr& layout,
                                   const codecs::Limits& limits) {
  S1FLOW_TRY(InputFile file, InputFile::open(path));
  codecs::XmlFramer framer(layout->record_path, limits);
  codecs::ChunkReader reader(std::move(file), framer, 1 << 16, limits);
  codecs::Chunk first;
  S1FLOW_TRY(const codecs::NextChunk next, reader.next(first));
  if (!next.more || !framer.head()) return ExchangeHeader();
  codecs::Chunk chunk;
  chunk.bytes = *framer.head();
  Arena arena;
  codecs::Record header(layout->type->header, arena);
  codecs::XmlChunkResult result;
  codecs::XmlChunkParser parser(layout, nullptr, limits);
  parser.parse(chunk, {}, {.decode = true, .canonical = false, .validate = false}, arena, &header,
               nullptr, result);
  return ExchangeHeader::from(header);
}

}  // namespace s1flow::pipeline
