// The whole check of one signed MCF: read, split, decode, schema, signature, rules, unique keys.
// The same installations three ways: as s1flow writes them (fast path), with a comment in every
// record (libxml2, judged by the tables), and on one worker. Each run has to accept the file, count
// its records and go the way that it is meant to go, before anything is timed. And the writing of a
// big file, by way of the page cache and past it: the processor's time is that of the whole
// process.

#include <cstdlib>
#include <filesystem>
#include <string>

#include <benchmark/benchmark.h>

#include "bench/corpus.h"
#include "codecs/crypto/pki.h"
#include "codecs/crypto/test_pki.h"
#include "pipeline/single/check.h"
#include "pipeline/single/sign.h"

namespace {

using namespace s1flow;            // NOLINT: a benchmark
using namespace s1flow::codecs;    // NOLINT
using namespace s1flow::pipeline;  // NOLINT

constexpr std::size_t kRecords = 50'000;
constexpr Eui64 kSender{0x90B3D51F30000001};

UtcTime now() {
  return *UtcTime::parse("2021-06-04T12:00:00Z");
}

const Path& folder() {
  static const Path path = [] {
    Path p = std::filesystem::temp_directory_path() / "s1flow-job-bench";
    std::filesystem::remove_all(p);
    std::filesystem::create_directories(p);
    return p;
  }();
  return path;
}

const crypto::Pki& pki() {
  static const crypto::Pki made = [] {
    crypto::TestPkiSpec spec;
    spec.valid_from = *UtcTime::parse("2021-01-01T00:00:00Z");
    spec.valid_until = *UtcTime::parse("2022-01-01T00:00:00Z");
    crypto::add_party(spec, crypto::PartyRole::requesting_party, kSender);
    if (!crypto::generate_test_pki(spec, folder() / "pki")) std::abort();
    auto loaded = crypto::Pki::load(folder() / "pki", {.clock = now()});
    if (!loaded) std::abort();
    return *std::move(loaded);
  }();
  return made;
}

Path sign(const std::string& bytes, const std::string& kind) {
  const Path plain = folder() / ("plain-" + kind + ".xml");
  if (!write_whole(plain, bytes, Overwrite::yes)) std::abort();
  const crypto::PkiEntry* signer = pki()
                                       .find_with_key(crypto::PartyRole::requesting_party, kSender,
                                                      crypto::CertificateUse::file_signing, now())
                                       .entry;
  if (signer == nullptr) std::abort();
  auto maker = crypto::SignatureMaker::make(signer->certificate, signer->key());
  std::filesystem::create_directories(folder() / kind);
  const Path path = folder() / kind / "MC_SMSOA_90-B3-D5-1F-30-00-00-01_00000042.xml";
  auto out = OutputFile::create(path, Overwrite::yes);
  if (!maker || !out) std::abort();
  const auto done = sign_document(plain, *maker, Replace::no,
                                  [&](std::string_view more) { return out->write(more); });
  if (!done || !done->faults.empty() || !out->commit()) std::abort();
  return path;
}

const Path& canonical_file() {
  static const Path path = sign(bench::make_mcf(kRecords), "canonical");
  return path;
}

const Path& other_file() {
  static const Path path = [] {
    std::string bytes = bench::make_mcf(kRecords);
    std::string out;
    out.reserve(bytes.size() * 2);
    constexpr std::string_view kEnd = "</Installation>";
    std::size_t from = 0;
    for (std::size_t at = 0; (at = bytes.find(kEnd, from)) != std::string::npos;) {
      out.append(bytes, from, at - from).append("<!-- -->").append(kEnd);
      from = at + kEnd.size();
    }
    out.append(bytes, from);
    return sign(out, "commented");
  }();
  return path;
}

void check(benchmark::State& state, const Path& path, unsigned workers, bool fast) {
  const auto layout = bench::shipped_layout("mcf");
  SingleFileContext context;
  context.pki = &pki();
  context.clock = now();
  context.runner.workers = workers;
  const auto once = [&] { return check_file(path, layout, context); };
  const auto verdict = once();
  if (!verdict || !verdict->accepted || verdict->records != kRecords)
    return state.SkipWithError("the file is not accepted");
  if ((verdict->fast_chunks * 1000 >= verdict->chunks * 999) != fast)
    return state.SkipWithError("the chunks went another way");
  for (auto _ : state) benchmark::DoNotOptimize(once());
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kRecords));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * verdict->bytes));
}

void bm_canonical(benchmark::State& state) {
  check(state, canonical_file(), 0, true);
}
void bm_canonical_one(benchmark::State& state) {
  check(state, canonical_file(), 1, true);
}
void bm_other(benchmark::State& state) {
  check(state, other_file(), 0, false);
}

void write(benchmark::State& state, ReadAgain read_again) {
  constexpr std::size_t kBytes = std::size_t{192} << 20;
  const std::string chunk = bench::make_mcf(200);
  const Path path = folder() / "big";
  const auto once = [&] {
    auto out = OutputFile::create(path, Overwrite::yes, read_again);
    if (!out) return false;
    while (out->written() < kBytes)
      if (!out->write(chunk)) return false;
    return out->commit().has_value();
  };
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    if (!once() || (bytes = std::filesystem::file_size(path)) < kBytes)
      return state.SkipWithError("the file was not written");
    state.PauseTiming();  // the next run gets no blocks that are still to be given back
    std::filesystem::remove(path);
    state.ResumeTiming();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes));
}

void bm_write_read_soon(benchmark::State& state) {
  write(state, ReadAgain::soon);
}
void bm_write_read_later(benchmark::State& state) {
  write(state, ReadAgain::later);
}

BENCHMARK(bm_write_read_soon)->Name("job/write/read_soon")->MeasureProcessCPUTime()->UseRealTime();
BENCHMARK(bm_write_read_later)
    ->Name("job/write/read_later")
    ->MeasureProcessCPUTime()
    ->UseRealTime();
BENCHMARK(bm_canonical)->Name("job/check/mcf/canonical")->UseRealTime();
BENCHMARK(bm_canonical_one)->Name("job/check/mcf/canonical/one_worker")->UseRealTime();
BENCHMARK(bm_other)->Name("job/check/mcf/libxml2")->UseRealTime();

}  // namespace
