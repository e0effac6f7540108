#pragma once
// Whether the times of one run are longer than those of another, from what was seen second by
// second. Pure: the same input gives the same answer. One thread at a time.
//
// Seconds that follow each other are alike, so a run of 60,000 requests is far from 60,000
// independent values. Seconds are put together to blocks; at a common threshold the two runs
// differ in their shares of longer times, block by block, and the spread of these differences, with
// what is alike from block to block counted in, is the noise. An interval is the set of shifts that
// this test does not refuse, so no density is estimated and heavy tails do no harm. Runs of the
// same length are compared block against block, so that ramps and days cancel out.
//
// All percentiles of all series of one call are one family: the critical value is that of the
// largest of all (multiplier bootstrap over the blocks), so however many are looked at, B is called
// slower than an equal A in at most 1 - level of cases. docs/adr/0012 has the reasons.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/histogram.h"

namespace s1flow::loadgen {

// Counts of one series (a leg of a class) by block of time, in memory that depends on the blocks
// and the steps that were seen.
class BlockCounts {
 public:
  explicit BlockCounts(std::size_t blocks) : blocks_(blocks) {}
  // `block` past the last one counts in the last one.
  void add(std::size_t block, const Histogram& histogram);
  void add(std::size_t block, Nanoseconds value);

  [[nodiscard]] std::size_t blocks() const { return blocks_.size(); }
  [[nodiscard]] std::uint64_t count() const { return count_; }

  struct Step {
    std::uint32_t index;
    std::uint32_t count;
  };
  // By index; steps may repeat.
  [[nodiscard]] std::span<const Step> steps(std::size_t block) const { return blocks_[block]; }

 private:
  std::vector<std::vector<Step>> blocks_;
  std::uint64_t count_ = 0;
};

// How many blocks a time of whole seconds is cut into: as many as seconds up to kMostBlocks.
inline constexpr std::size_t kMostBlocks = 120;
[[nodiscard]] std::size_t blocks_of(std::uint64_t seconds);
[[nodiscard]] inline std::size_t block_of(std::uint64_t second, std::uint64_t seconds,
                                          std::size_t blocks) {
  return static_cast<std::size_t>(second * blocks / seconds);
}

// Requests that ended, and those of them that did not end well, by block.
struct BlockShares {
  std::vector<std::uint64_t> ended;
  std::vector<std::uint64_t> failed;
};

enum class ShiftVerdict : std::uint8_t {
  same,    // the interval lies within what is of no account
  slower,  // all of it lies above zero, and the shift is of account
  faster,
  unclear,         // neither: the runs are too short or too uneven to tell
  not_enough_data  // too few values or blocks beyond this percentile
};
inline constexpr std::array<std::string_view, 5> kShiftVerdictNames{"same", "slower", "faster",
                                                                    "unclear", "not enough data"};

// Of one percentile. Shifts are relative: 0.1 is 10 % longer in B.
struct Shift {
  double percent = 0;
  Nanoseconds a{0}, b{0};
  double shift = 0;
  double low = 0, high = 0;  // simultaneous interval; both 0 without enough data
  ShiftVerdict verdict = ShiftVerdict::not_enough_data;
};

// Of the share that did not end well; here `slower` means that B fails more. Shifts are differences
// of shares.
struct ShareShift {
  double a = 0, b = 0;
  double low = 0, high = 0;
  ShiftVerdict verdict = ShiftVerdict::not_enough_data;
};

// One leg of one class in one phase, in both runs. Pairs of the same `group` (a phase) share their
// blocks.
struct SeriesPair {
  std::size_t group = 0;
  const BlockCounts* a = nullptr;
  const BlockCounts* b = nullptr;
};
struct SharePair {
  std::size_t group = 0;
  const BlockShares* a = nullptr;
  const BlockShares* b = nullptr;
};

inline constexpr std::array<double, 5> kComparedPercentiles{50, 90, 95, 99, 99.9};

struct CompareOptions {
  double level = 0.96;         // of the lower ends of all intervals together, and of the upper ones
  double least = 0.03;         // a smaller shift is of no account
  double least_share = 0.001;  // the same for shares of failures
  std::uint64_t seed = 1;      // of the bootstrap
};

struct Comparison {
  std::vector<std::array<Shift, kComparedPercentiles.size()>> series;  // by place in the input
  std::vector<ShareShift> shares;
  double critical = 0;  // how many standard errors an interval goes to each side

  [[nodiscard]] bool slower() const;       // any of them
  [[nodiscard]] bool enough_data() const;  // for any of them
};

[[nodiscard]] Comparison compare(std::span<const SeriesPair> series,
                                 std::span<const SharePair> shares, const CompareOptions& options);

}  // namespace s1flow::loadgen
