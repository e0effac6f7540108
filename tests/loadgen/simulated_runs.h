#pragma once
// Runs as a load test sees them, drawn from a model: response times by second, with what makes real
// ones hard to compare (seconds that are alike, queues, stalls, heavy tails). For the tests of
// loadgen/compare.h and for bench/compare_rates.cpp.

#include <cstdint>
#include <span>

#include "loadgen/compare.h"

namespace s1flow::loadgen {

struct RunShape {
  const char* name;
  double spread;         // sigma of the logarithm of one time; of a queue: of the service time
  double tail;           // share of times from a heavy tail instead (Pareto)
  double tail_exponent;  // smaller is heavier
  double drift;          // sigma of the logarithm of the level from second to second
  double carried;        // how much of a second's level the next one keeps
  double utilisation;    // of a queue with one server; 0: no queue
  double stalls;         // a second: all requests that are due wait for its end
  double stall_seconds;  // mean length
};

// iid, drifting, queue ... in this order.
[[nodiscard]] std::span<const RunShape> run_shapes();

struct RunSize {
  std::uint64_t seconds = 60;
  double rate = 1000;
};

// The thresholds of a shape beyond which a slower run is stretched, taken from a long run.
struct Tail {
  double from = 0;  // p90, nanoseconds
  double full = 0;  // p99
};
[[nodiscard]] Tail tail_of(const RunShape& shape, double rate);

// `stretch` 0.1: times at p99 and above are 10 % longer, below p90 not at all, between them in
// between; so the true p99 is 10 % higher.
[[nodiscard]] BlockCounts simulate(const RunShape& shape, RunSize size, std::uint64_t seed,
                                   double stretch = 0, Tail tail = {});

}  // namespace s1flow::loadgen
