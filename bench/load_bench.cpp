// The parts of the load engine that work for every request.

#include <algorithm>
#include <cstdlib>

#include <benchmark/benchmark.h>

#include "core/histogram.h"
#include "core/histogram_log.h"
#include "core/random.h"
#include "loadgen/join/join_table.h"
#include "loadgen/net/response_scanner.h"
#include "loadgen/plan.h"
#include "loadgen/profiles/registry.h"
#include "loadgen/template_source.h"

namespace s1flow::loadgen {
namespace {

[[noreturn]] void wrong(const char* what) {
  std::fprintf(stderr, "load_bench: %s gives a wrong answer\n", what);
  std::exit(1);
}

void patch(benchmark::State& state) {
  TemplateClass c;
  c.body = std::string(700, 'x') + "{{number}}" + std::string(780, 'x');
  const auto source = *make_template_source("127.0.0.1:8079", {c}, 1);
  const auto writer = source->writer({});
  if (writer->write(42).bytes.find("00000000000000000042") == std::string_view::npos)
    wrong("patch");
  std::uint64_t number = 0;
  for (auto _ : state) benchmark::DoNotOptimize(writer->write(number++).bytes.data());
}
BENCHMARK(patch)->Name("loadgen/patch/1500");

void scan(benchmark::State& state) {
  const std::string text =
      "HTTP/1.1 200 OK\r\nServer: dcc\r\nDate: Mon, 07 Jun 2021 00:00:00 GMT\r\nContent-Type: "
      "application/xml\r\nContent-Length: 64\r\n\r\n" +
      std::string(64, 'r');
  ResponseHead head;
  if (scan_head(text, head) != HeadState::complete || head.length != 64) wrong("scan");
  for (auto _ : state) {
    benchmark::DoNotOptimize(scan_head(text, head));
    benchmark::ClobberMemory();
  }
}
BENCHMARK(scan)->Name("loadgen/scan/head");

std::vector<Nanoseconds> sample(std::size_t n) {
  Random random(1);
  std::vector<Nanoseconds> values(n);
  for (Nanoseconds& v : values)
    v = Nanoseconds{static_cast<std::int64_t>(50'000 + random.below(2'000'000))};
  return values;
}

void record(benchmark::State& state) {
  const auto values = sample(4096);
  Histogram histogram;
  std::size_t i = 0;
  for (auto _ : state) histogram.record(values[i++ & 4095]);
  if (histogram.count() == 0) wrong("record");
}
BENCHMARK(record)->Name("core/histogram/record");

void merge(benchmark::State& state) {
  Histogram part, sum;
  for (const Nanoseconds v : sample(100'000)) part.record(v);
  for (auto _ : state) sum.add(part);
  if (sum.count() % part.count() != 0) wrong("merge");
}
BENCHMARK(merge)->Name("core/histogram/merge");

void encode(benchmark::State& state) {
  Histogram h;
  for (const Nanoseconds v : sample(100'000)) h.record(v);
  if (decode_compressed(encode_compressed(h))->count() != h.count()) wrong("encode");
  for (auto _ : state) benchmark::DoNotOptimize(encode_compressed(h).size());
}
BENCHMARK(encode)->Name("core/histogram/encode");

// Ten million values against sorting them, then the cost of one percentile.
void percentile(benchmark::State& state) {
  Random random(5);
  std::vector<std::int64_t> values(10'000'000);
  Histogram h;
  for (std::int64_t& v : values) {
    v = static_cast<std::int64_t>(40'000.0 / (1.0 - random.unit() * 0.99999));
    h.record(Nanoseconds{v});
  }
  std::sort(values.begin(), values.end());
  for (const double p : {50.0, 90.0, 99.0, 99.9, 99.99}) {
    const auto truth = static_cast<double>(values[static_cast<std::size_t>(p / 100 * 1e7) - 1]);
    const auto got = static_cast<double>(h.percentile(p).count());
    if (got < truth * 0.999 || got > truth * 1.001) wrong("percentile");
  }
  for (auto _ : state) benchmark::DoNotOptimize(h.percentile(99.9));
}
BENCHMARK(percentile)->Name("core/histogram/percentile");

void schedule(benchmark::State& state, const char* profile, const char* toml) {
  const auto table = *codecs::parse_config(toml, "bench");
  codecs::ConfigReader reader(&table, "bench");
  const Nanoseconds hour = std::chrono::hours(1);
  Plan plan;
  plan.add("p", PhaseKind::measure, hour, *find_profile(profile)->make(reader, {hour, 1, {}}));
  PlanCursor cursor(plan, 0, 2);
  Nanoseconds last{0};
  for (auto _ : state) {
    if (cursor.done()) state.SkipWithError("the schedule is too short");
    if (cursor.due() < last) wrong("schedule");
    last = cursor.due();
    cursor.advance();
  }
}
BENCHMARK_CAPTURE(schedule, constant, "constant", "rate = 1000000")
    ->Name("loadgen/schedule/constant");
BENCHMARK_CAPTURE(schedule, ramp, "ramp", "from = 1\nto = 1000000")->Name("loadgen/schedule/ramp");
BENCHMARK_CAPTURE(schedule, poisson, "poisson", "rate = 100000")
    ->Name("loadgen/schedule/poisson")
    ->Iterations(1'000'000);

// 100,000 outstanding: one sent and one answered.
void join(benchmark::State& state) {
  JoinTable table(200'000);
  std::uint64_t sent = 0, answered = 0;
  for (; sent < 100'000; ++sent) (void)table.insert({.key = {1, sent % 977, sent}});
  for (auto _ : state) {
    const std::uint64_t n = sent++;
    if (!table.insert({.key = {1, n % 977, n}})) wrong("join");
    const std::uint64_t m = answered++;
    const JoinKey key{1, m % 977, m};
    if (table.arrive(key).arrival != Arrival::first) wrong("join");
    table.finish(key, true);
  }
}
BENCHMARK(join)->Name("loadgen/join/outstanding_100k");

}  // namespace
}  // namespace s1flow::loadgen
