#include "tests/codecs/reading.h"

#include <algorithm>
#include <cstdio>
#include <functional>

#include <fmt/format.h>

#include "codecs/decoder.h"
#include "codecs/encoder.h"
#include "codecs/xml/chunk_parser.h"
#include "codecs/xml/framer.h"
#include "core/text.h"

namespace s1flow::codecs {
namespace {

bool is_number(ValueKind kind) {
  switch (kind) {
    case ValueKind::mpan:
    case ValueKind::mprn:
    case ValueKind::mpxn:
    case ValueKind::eui64:
    case ValueKind::serial:
    case ValueKind::group_id:
    case ValueKind::date:
    case ValueKind::time:
    case ValueKind::count:
      return true;
    default:
      return false;
  }
}

void append_values(std::string& out, std::span<const FieldDef> fields,
                   std::span<const Value> values) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Value& v = values[i];
    if (!v.present()) continue;
    out += fmt::format(" {}=", fields[i].name);
    // Of numbers the value counts, not how the file spells it.
    if (v.good() && is_number(fields[i].kind))
      out += fmt::format("{:x}:{:x}", v.hi, v.lo);
    else
      out += (v.good() ? "" : "BAD ") + shown(v.text, 200);
  }
}

void append_groups(std::string& out, const Record& record, std::size_t parent,
                   const GroupInstance* above) {
  const RecordDef& def = record.def();
  for (std::size_t g = 0; g < def.groups.size(); ++g) {
    if (def.groups[g].parent != parent) continue;
    for (const GroupInstance& instance : record.group(g)) {
      if (instance.parent != above) continue;
      out += fmt::format(" {}[", def.groups[g].name);
      append_values(out, def.groups[g].fields, instance.values);
      append_groups(out, record, g, &instance);
      out += " ]";
    }
  }
}

struct Parts {
  const std::function<void(const Record&)>& on_header;
  const std::function<void(const Record&)>& on_record;
  const std::function<void(const Record&)>& on_trailer;
};

// The faults of the file; `parts` are called in order until one of file scope.
std::vector<Fault> walk(const Path& path, const std::shared_ptr<const Layout>& layout,
                        const ReadingOptions& options, const Parts& parts, Reading* reading) {
  std::vector<Fault> faults;
  auto file = InputFile::open(path);
  S1FLOW_CHECK(file.has_value());
  const std::unique_ptr<Framer> framer = make_framer(*layout, options.limits);
  ChunkReader reader(std::move(*file), *framer, options.chunk_bytes, options.limits);
  const bool xml = layout->container == Container::xml;
  const std::unique_ptr<Decoder> decoder = xml ? nullptr : make_decoder(layout, options.limits);
  std::unique_ptr<XmlChunkParser> parser;
  if (xml) parser = std::make_unique<XmlChunkParser>(layout, options.schema, options.limits);
  std::uint64_t offset = 0, records = 0;
  while (true) {
    Chunk chunk;
    Result<NextChunk> next = reader.next(chunk);
    S1FLOW_CHECK(next.has_value());
    if (next->fault) faults.push_back(*next->fault);
    if (!next->more) break;
    // The contract of framers.
    S1FLOW_CHECK(chunk.offset == offset && chunk.first_record == records + 1);
    S1FLOW_CHECK(chunk.last || chunk.records > 0);
    offset += chunk.bytes.size();
    records += chunk.records;
    Arena arena;
    XmlChunkResult result;
    std::vector<Fault> found;
    if (xml) {
      Record header(layout->type->header, arena), trailer(layout->type->trailer, arena);
      parser->parse(chunk, *static_cast<XmlFramer&>(*framer).head(), {.first = options.first},
                    arena, &header, &trailer, result);
      found = result.faults;
      if (chunk.ordinal == 0) parts.on_header(header);
      for (const Record& r : result.batch.records) parts.on_record(r);
      if (chunk.last) parts.on_trailer(trailer);
      if (reading != nullptr) {
        for (const std::string_view piece : result.canonical_form()) reading->canonical += piece;
        if (result.way == XmlWay::fast) ++reading->fast_chunks;
      }
    } else {
      decoder->decode(chunk, arena, result.batch, found);
      for (const Record& r : result.batch.records) parts.on_record(r);
    }
    if (reading != nullptr) ++reading->chunks;
    faults.insert(faults.end(), found.begin(), found.end());
    faults.insert(faults.end(), result.batch.faults.begin(), result.batch.faults.end());
  }
  return faults;
}

class Memory final : public SchemaSource {
 public:
  explicit Memory(Documents documents) : documents_(std::move(documents)) {}
  Result<std::string> read(const std::string& path) const override {
    for (const auto& [name, text] : documents_)
      if (name == path) return text;
    return tl::unexpected(usage_error(path + ": does not exist"));
  }
  Result<std::vector<std::string>> list(std::string_view suffix) const override {
    std::vector<std::string> out;
    for (const auto& [name, text] : documents_)
      if (name.ends_with(suffix)) out.push_back(name);
    return out;
  }
  std::string name() const override { return "memory"; }

 private:
  Documents documents_;
};

std::string text_of(const Value& v) {
  return fmt::format("{}:{}:{:x}:{:x}@{}", static_cast<int>(v.state), shown(v.text, 1000), v.hi,
                     v.lo, v.line);
}

}  // namespace

std::string whole_text_of(const Record& r) {
  std::string out = fmt::format("#{} byte {} line {}/{}:", r.ordinal, r.byte, r.line, r.chunk_line);
  for (std::size_t i = 0; i < r.def().fields.size(); ++i) out += " " + text_of(r[i]);
  for (std::size_t g = 0; g < r.def().groups.size(); ++g)
    for (const GroupInstance& instance : r.group(g)) {
      out += fmt::format(" {}@{}", r.def().groups[g].name, instance.line);
      // Which instance it sits in, by its place in that group.
      if (instance.parent != nullptr) {
        std::size_t place = 0;
        for (const GroupInstance& parent : r.group(r.def().groups[g].parent)) {
          if (&parent == instance.parent) break;
          ++place;
        }
        out += fmt::format(" in {}", place);
      }
      out += "[";
      for (const Value& v : instance.values) out += " " + text_of(v);
      out += " ]";
    }
  return out + "\n";
}

std::string values_of(const Record& record) {
  std::string out;
  append_values(out, record.def().fields, [&] {
    std::vector<Value> values;
    for (std::size_t i = 0; i < record.def().fields.size(); ++i) values.push_back(record[i]);
    return values;
  }());
  append_groups(out, record, GroupDef::npos, nullptr);
  return out;
}

std::string text_of(const Fault& f) {
  return fmt::format("{} line={} byte={} position={} record={} field={} seen={} note={}",
                     f.rule->id, f.line, f.byte, f.ordinal, f.record, f.field, f.seen, f.note);
}

std::string Reading::text() const {
  std::string out = "header:" + header + "\n";
  for (const std::string& r : records) out += r + "\n";
  out += "trailer:" + trailer + "\n";
  for (const std::string& f : faults) out += f + "\n";
  return out + canonical;
}

Reading read_whole_file(const Path& path, const std::shared_ptr<const Layout>& layout,
                        const ReadingOptions& options) {
  Reading reading;
  const std::function<void(const Record&)> header = [&](const Record& r) {
    reading.header = values_of(r);
  };
  const std::function<void(const Record&)> trailer = [&](const Record& r) {
    reading.trailer = values_of(r);
  };
  const std::function<void(const Record&)> record = [&](const Record& r) {
    reading.records.push_back((options.places == Places::yes
                                   ? fmt::format("{}@{}:{}", r.ordinal, r.byte, r.line)
                                   : std::to_string(r.ordinal)) +
                              values_of(r));
  };
  std::vector<Fault> faults = walk(path, layout, options, {header, record, trailer}, &reading);
  std::stable_sort(faults.begin(), faults.end(), [](const Fault& a, const Fault& b) {
    return std::pair(a.rule->scope == RuleScope::record, a.byte) <
           std::pair(b.rule->scope == RuleScope::record, b.byte);
  });
  if (!faults.empty() && faults.front().rule->scope == RuleScope::file) {
    const std::size_t chunks = reading.chunks;
    const std::size_t fast = reading.fast_chunks;
    reading = {};
    reading.chunks = chunks;
    reading.fast_chunks = fast;
    faults.resize(1);
  }
  for (const Fault& f : faults) reading.faults.push_back(text_of(f));
  reading.found = std::move(faults);
  if (options.places == Places::no) reading.canonical.clear();
  return reading;
}

std::string encode_again(const Path& path, const std::shared_ptr<const Layout>& layout,
                         std::size_t chunk_bytes) {
  auto encoder = make_encoder(layout);
  S1FLOW_CHECK(encoder.has_value());
  std::string out;
  if (layout->container != Container::xml) {
    Arena arena;
    (*encoder)->begin(Record(layout->type->header, arena), {}, out);
  }
  const std::function<void(const Record&)> header = [&](const Record& r) {
    (*encoder)->begin(r, {}, out);
  };
  const std::function<void(const Record&)> record = [&](const Record& r) {
    const Record* one = &r;
    (*encoder)->encode({&one, 1}, nullptr, out);
  };
  const std::function<void(const Record&)> trailer = [&](const Record& r) {
    (*encoder)->end(r, out);
    (*encoder)->close(out);
  };
  (void)walk(path, layout, {.chunk_bytes = chunk_bytes}, {header, record, trailer}, nullptr);
  return out;
}

void put_file(const Path& path, std::string_view bytes) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  S1FLOW_CHECK(file != nullptr);
  S1FLOW_CHECK(std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size());
  S1FLOW_CHECK(std::fclose(file) == 0);
}

std::shared_ptr<const Layout> shipped_layout(std::string_view type) {
  static const Result<LayoutSet> set = LayoutSet::shipped();
  S1FLOW_CHECK(set.has_value());
  return set->preferred(type);
}

std::shared_ptr<const XmlSchema> schema_of(const Layout& layout) {
  if (layout.container != Container::xml) return nullptr;
  const auto source = layout.source;
  auto schema = XmlSchema::load(layout.schema_path,
                                [source](const std::string& p) { return source->read(p); });
  S1FLOW_CHECK(schema.has_value());
  return *schema;
}

Result<std::shared_ptr<const Layout>> layout_from(std::string toml, Documents documents) {
  documents.emplace_back("layouts/test/1.toml", std::move(toml));
  return load_layout(std::make_shared<Memory>(std::move(documents)), "layouts/test/1.toml");
}

}  // namespace s1flow::codecs
