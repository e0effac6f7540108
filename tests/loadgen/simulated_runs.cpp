#include "tests/loadgen/simulated_runs.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/random.h"
#include "loadgen/block_noise.h"

namespace s1flow::loadgen {
namespace {

constexpr double kBase = 1e6;  // a millisecond

constexpr RunShape kShapes[] = {
    {"independent", 0.4, 0, 0, 0, 0, 0, 0, 0},
    {"drifting", 0.4, 0, 0, 0.03, 0.7, 0, 0, 0},
    {"slowly_drifting", 0.3, 0, 0, 0.02, 0.9, 0, 0, 0},
    {"heavy_tail", 0.3, 0.05, 3, 0.02, 0.5, 0, 0, 0},
    {"queue", 0.5, 0, 0, 0.01, 0.8, 0.5, 0, 0},
    {"busy_queue", 0.5, 0, 0, 0.02, 0.8, 0.75, 0, 0},
    {"short_stalls", 0.3, 0, 0, 0, 0, 0, 4, 0.01},
    {"long_stalls", 0.3, 0, 0, 0, 0, 0, 0.5, 0.05},
};

// Quantiles of the standard normal distribution: a draw is one look-up.
class NormalTable {
 public:
  NormalTable() : values_(kSize) {
    for (std::size_t i = 0; i < kSize; ++i)
      values_[i] = normal_quantile((static_cast<double>(i) + 0.5) / kSize);
  }
  [[nodiscard]] double draw(Random& random) const { return values_[random.below(kSize)]; }

 private:
  static constexpr std::size_t kSize = std::size_t{1} << 16;
  std::vector<double> values_;
};

const NormalTable& normal() {
  static const NormalTable table;
  return table;
}

double exponential(Random& random, double mean) {
  return -mean * std::log(1 - random.unit());
}

template <typename Sink>
void draw_run(const RunShape& shape, RunSize size, std::uint64_t seed, const Sink& sink) {
  Random random(seed);
  double level = shape.drift * normal().draw(random);
  double arrival = 0;
  double free_at = 0;
  double stall_begin = shape.stalls > 0 ? exponential(random, 1 / shape.stalls) : 1e18;
  double stall_end = stall_begin + exponential(random, shape.stall_seconds);
  for (std::uint64_t second = 0; second < size.seconds; ++second) {
    const double factor = std::exp(level);
    // Queues are fed at random, everything else evenly.
    for (; arrival<static_cast<double>(second + 1); arrival += shape.utilisation> 0
               ? exponential(random, 1 / size.rate)
               : 1 / size.rate) {
      const double own = std::exp(shape.spread * normal().draw(random)) * factor;
      double time = kBase * own;
      if (shape.tail > 0 && random.chance(shape.tail))
        time = kBase * factor * 2 * std::pow(1 - random.unit(), -1 / shape.tail_exponent);
      if (shape.utilisation > 0) {
        const double mean = std::exp(shape.spread * shape.spread / 2);
        const double start = std::max(arrival, free_at);
        free_at = start + own / mean * shape.utilisation / size.rate;
        time = (free_at - arrival) * 1e9;
      }
      while (arrival >= stall_end) {
        stall_begin = stall_end + exponential(random, 1 / shape.stalls);
        stall_end = stall_begin + exponential(random, shape.stall_seconds);
      }
      if (arrival >= stall_begin) time += (stall_end - arrival) * 1e9;
      sink(second, time);
    }
    const double fresh = std::sqrt(1 - shape.carried * shape.carried);
    level = shape.carried * level + shape.drift * fresh * normal().draw(random);
  }
}

}  // namespace

std::span<const RunShape> run_shapes() {
  return kShapes;
}

Tail tail_of(const RunShape& shape, double rate) {
  Histogram seen;
  draw_run(shape, {.seconds = 2000, .rate = rate}, 99,
           [&](std::uint64_t, double time) { seen.record(static_cast<std::int64_t>(time), 1); });
  return {static_cast<double>(seen.percentile(90).count()),
          static_cast<double>(seen.percentile(99).count())};
}

BlockCounts simulate(const RunShape& shape, RunSize size, std::uint64_t seed, double stretch,
                     Tail tail) {
  const std::size_t blocks = blocks_of(size.seconds);
  BlockCounts out(blocks);
  const double width = stretch > 0 ? std::log(tail.full / tail.from) : 1;
  draw_run(shape, size, seed, [&](std::uint64_t second, double time) {
    if (stretch > 0 && time > tail.from)
      time *= 1 + stretch * std::min(std::log(time / tail.from) / width, 1.0);
    out.add(block_of(second, size.seconds, blocks), Nanoseconds{static_cast<std::int64_t>(time)});
  });
  return out;
}

}  // namespace s1flow::loadgen
