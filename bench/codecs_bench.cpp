// Reading: where records end, what they hold, and the digest, one core. Each benchmark checks its
// answer before it times anything: the number of records and, for XML, that both ways give the same
// canonical bytes.

#include <cstdlib>
#include <filesystem>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/corpus.h"
#include "codecs/crypto/digest.h"
#include "codecs/decoder.h"
#include "codecs/framer.h"
#include "codecs/json/decoder.h"
#include "codecs/xml/chunk_parser.h"
#include "codecs/xml/framer.h"
#include "codecs/xml/schema.h"
#include "core/file.h"

namespace {

using namespace s1flow;          // NOLINT: a benchmark
using namespace s1flow::codecs;  // NOLINT

constexpr std::size_t kRecords = 20'000;
constexpr std::size_t kChunkBytes = 128UL * 1024;

struct Cut {
  std::vector<Chunk> chunks;
  std::string head;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
};

Path written(const std::string& bytes, const std::string& name) {
  const Path path = std::filesystem::temp_directory_path() / ("s1flow-bench-" + name);
  if (!write_whole(path, bytes, Overwrite::yes)) std::abort();
  return path;
}

Cut cut_up(const Path& path, const Layout& layout) {
  Cut cut;
  const auto framer = make_framer(layout, {});
  auto file = InputFile::open(path);
  if (!file) std::abort();
  ChunkReader reader(*std::move(file), *framer, kChunkBytes, {});
  while (true) {
    Chunk chunk;
    const auto next = reader.next(chunk);
    if (!next || next->fault) std::abort();
    if (!next->more) break;
    cut.records += chunk.records;
    cut.bytes += chunk.bytes.size();
    cut.chunks.push_back(std::move(chunk));
  }
  if (layout.container == Container::xml) cut.head = *static_cast<XmlFramer&>(*framer).head();
  return cut;
}

const Path& mcf_file() {
  static const Path path = written(bench::make_mcf(kRecords), "mcf.xml");
  return path;
}

void count(benchmark::State& state, std::uint64_t records, std::uint64_t bytes) {
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * records));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes));
}

void split(benchmark::State& state, const Path& path, const std::string& type) {
  const auto layout = bench::shipped_layout(type);
  if (cut_up(path, *layout).records < kRecords) return state.SkipWithError("records are missing");
  std::uint64_t bytes = 0, records = 0;
  for (auto _ : state) {
    const auto framer = make_framer(*layout, {});
    auto file = InputFile::open(path);
    ChunkReader reader(*std::move(file), *framer, kChunkBytes, {});
    bytes = records = 0;
    std::shared_ptr<Buffer> spare;
    while (true) {
      Chunk chunk;
      const auto next = reader.next(chunk, std::move(spare));
      if (!next || !next->more) break;
      bytes += chunk.bytes.size();
      records += chunk.records;
      spare = std::const_pointer_cast<Buffer>(std::move(chunk.buffer));
    }
  }
  count(state, records, bytes);
}

void decode_xml(benchmark::State& state, XmlWay way, bool with_schema) {
  const auto layout = bench::shipped_layout("mcf");
  const Cut cut = cut_up(mcf_file(), *layout);
  const auto source = layout->source;
  const auto schema = XmlSchema::load(layout->schema_path,
                                      [source](const std::string& p) { return source->read(p); });
  if (!schema) return state.SkipWithError("no schema");
  XmlChunkParser parser(layout, with_schema ? *schema : nullptr, {});
  Arena arena;
  XmlChunkResult result, other;
  const XmlParseOptions options{.first = way};
  std::uint64_t records = 0;
  for (const Chunk& chunk : cut.chunks) {
    parser.parse(chunk, cut.head, options, arena, nullptr, nullptr, result);
    parser.parse(chunk, cut.head, {.first = XmlWay::engine}, arena, nullptr, nullptr, other);
    std::string a, b;
    for (const auto piece : result.canonical_form()) a += piece;
    for (const auto piece : other.canonical_form()) b += piece;
    if (!result.faults.empty() || result.way != way || a != b)
      return state.SkipWithError("the two ways differ");
    records += result.batch.records.size();
    arena.reset();
  }
  if (records != kRecords) return state.SkipWithError("records are missing");
  for (auto _ : state)
    for (const Chunk& chunk : cut.chunks) {
      parser.parse(chunk, cut.head, options, arena, nullptr, nullptr, result);
      benchmark::DoNotOptimize(result.batch.records.data());
      arena.reset();
    }
  count(state, cut.records, cut.bytes);
}

void decode_plain(benchmark::State& state, const Path& path, const std::string& type,
                  std::unique_ptr<Decoder> decoder = nullptr) {
  const auto layout = bench::shipped_layout(type);
  const Cut cut = cut_up(path, *layout);
  if (!decoder) decoder = make_decoder(layout, {});
  Arena arena;
  RecordBatch batch;
  std::vector<Fault> faults;
  std::uint64_t records = 0;
  for (const Chunk& chunk : cut.chunks) {
    decoder->decode(chunk, arena, batch, faults);
    records += batch.records.size();
    if (!faults.empty() || !batch.faults.empty()) return state.SkipWithError("faults");
    batch.clear();
    arena.reset();
  }
  if (records != kRecords) return state.SkipWithError("records are missing");
  for (auto _ : state)
    for (const Chunk& chunk : cut.chunks) {
      decoder->decode(chunk, arena, batch, faults);
      benchmark::DoNotOptimize(batch.records.data());
      batch.clear();
      arena.reset();
    }
  count(state, kRecords, cut.bytes);
}

void digest(benchmark::State& state) {
  const auto layout = bench::shipped_layout("mcf");
  const Cut cut = cut_up(mcf_file(), *layout);
  crypto::Sha256 sha;
  const auto once = [&] {
    for (const Chunk& chunk : cut.chunks) sha.update(chunk.bytes);
    return sha.finish();
  };
  if (once() != once()) return state.SkipWithError("two digests of the same bytes differ");
  for (auto _ : state) benchmark::DoNotOptimize(once());
  count(state, cut.records, cut.bytes);
}

void bm_decode_fast(benchmark::State& state) {
  decode_xml(state, XmlWay::fast, true);
}
void bm_decode_events(benchmark::State& state) {
  decode_xml(state, XmlWay::events, true);
}
void bm_decode_engine(benchmark::State& state) {
  decode_xml(state, XmlWay::engine, true);
}
void bm_decode_without_schema(benchmark::State& state) {
  decode_xml(state, XmlWay::engine, false);
}
void bm_split_mcf(benchmark::State& state) {
  split(state, mcf_file(), "mcf");
}
const Path& maf_file() {
  static const Path path = written(bench::make_maf(kRecords), "maf.csv");
  return path;
}
const Path& inventory_file() {
  static const Path path = written(bench::make_inventory(kRecords), "inventory.jsonl");
  return path;
}
void bm_split_maf(benchmark::State& state) {
  split(state, maf_file(), "maf");
}
void bm_decode_maf(benchmark::State& state) {
  decode_plain(state, maf_file(), "maf");
}
void bm_split_inventory(benchmark::State& state) {
  split(state, inventory_file(), "inventory");
}
void bm_decode_inventory(benchmark::State& state) {
  decode_plain(state, inventory_file(), "inventory");
}
// The peer of the one before: every line by simdjson's parser.
void bm_parse_inventory(benchmark::State& state) {
  decode_plain(
      state, inventory_file(), "inventory",
      std::make_unique<JsonDecoder>(bench::shipped_layout("inventory"), Limits(), JsonWay::parser));
}

BENCHMARK(bm_split_mcf)->Name("codecs/split/mcf");
BENCHMARK(bm_decode_fast)->Name("codecs/decode/mcf/canonical");
BENCHMARK(bm_decode_events)->Name("codecs/decode/mcf/libxml2");
BENCHMARK(bm_decode_engine)->Name("codecs/decode/mcf/libxml2_schema");
BENCHMARK(bm_decode_without_schema)->Name("codecs/decode/mcf/libxml2_unjudged");
BENCHMARK(digest)->Name("codecs/digest/mcf");
BENCHMARK(bm_split_maf)->Name("codecs/split/maf");
BENCHMARK(bm_decode_maf)->Name("codecs/decode/maf/csv");
BENCHMARK(bm_split_inventory)->Name("codecs/split/inventory");
BENCHMARK(bm_decode_inventory)->Name("codecs/decode/inventory/json");
BENCHMARK(bm_parse_inventory)->Name("codecs/decode/inventory/json_by_simdjson");

}  // namespace
