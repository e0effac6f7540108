// How often `compare` tells two equal runs apart, and how often it finds a p99 that is 10 % longer:
// many pairs of simulated runs of each shape.
//
//   compare_rates [PAIRS [SECONDS [RATE [SHAPE]]]]

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "tests/loadgen/simulated_runs.h"

namespace s1flow::loadgen {
namespace {

constexpr double kStretch = 0.1;

struct Rates {
  int pairs = 0;
  int equal_flagged = 0;
  int equal_faster = 0;
  int slower_found = 0;
  int slower_found_at_p99 = 0;
  double half_width = 0;  // of the interval at p99, summed
};

Comparison of(const BlockCounts& a, const BlockCounts& b) {
  const SeriesPair pair{0, &a, &b};
  return compare({&pair, 1}, {}, {});
}

Rates rates_of(const RunShape& shape, RunSize size, int pairs) {
  Rates out;
  const Tail tail = tail_of(shape, size.rate);
  for (int i = 0; i < pairs; ++i) {
    const auto seed = static_cast<std::uint64_t>(i) * 3 + 1000;
    const BlockCounts a = simulate(shape, size, seed);
    const Comparison equal = of(a, simulate(shape, size, seed + 1));
    const Comparison slower = of(a, simulate(shape, size, seed + 2, kStretch, tail));
    ++out.pairs;
    out.equal_flagged += equal.slower() ? 1 : 0;
    for (const Shift& s : equal.series[0])
      if (s.verdict == ShiftVerdict::faster) {
        ++out.equal_faster;
        break;
      }
    out.slower_found += slower.slower() ? 1 : 0;
    for (const Shift& s : slower.series[0])
      if (s.percent == 99) {
        out.slower_found_at_p99 += s.verdict == ShiftVerdict::slower ? 1 : 0;
        out.half_width += (s.high - s.low) / 2;
      }
  }
  return out;
}

// Of equal runs of twenty classes, each with its part of the rate.
int flagged_with_classes(const RunShape& shape, RunSize size, int pairs) {
  constexpr std::size_t kClasses = 20;
  size.rate /= kClasses;
  int flagged = 0;
  for (int i = 0; i < pairs; ++i) {
    std::vector<BlockCounts> counts;
    for (std::size_t c = 0; c < 2 * kClasses; ++c)
      counts.push_back(
          simulate(shape, size, static_cast<std::uint64_t>(i) * 2 * kClasses + c + 77'000));
    std::vector<SeriesPair> series;
    for (std::size_t c = 0; c < kClasses; ++c)
      series.push_back({0, &counts[2 * c], &counts[2 * c + 1]});
    flagged += compare(series, {}, {}).slower() ? 1 : 0;
  }
  return flagged;
}

int run(int argc, char** argv) {
  const int pairs = argc > 1 ? std::atoi(argv[1]) : 400;
  RunSize size;
  if (argc > 2) size.seconds = static_cast<std::uint64_t>(std::atoi(argv[2]));
  if (argc > 3) size.rate = std::atof(argv[3]);
  std::printf("%d pairs of %llu s at %.0f/s\n%-16s %14s %14s %14s %14s %12s %12s\n", pairs,
              static_cast<unsigned long long>(size.seconds), size.rate, "shape", "A/A slower",
              "A/A faster", "+10%% found", "at p99 itself", "p99 +-", "20 classes");
  for (const RunShape& shape : run_shapes()) {
    if (argc > 4 && std::strcmp(argv[4], shape.name) != 0) continue;
    const Rates r = rates_of(shape, size, pairs);
    const auto percent = [&](int n) { return 100.0 * n / r.pairs; };
    std::printf("%-16s %13.1f%% %13.1f%% %13.1f%% %13.1f%% %11.1f%% %11.1f%%\n", shape.name,
                percent(r.equal_flagged), percent(r.equal_faster), percent(r.slower_found),
                percent(r.slower_found_at_p99), 100 * r.half_width / r.pairs,
                percent(flagged_with_classes(shape, size, pairs)));
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace s1flow::loadgen

int main(int argc, char** argv) {
  return s1flow::loadgen::run(argc, argv);
}
