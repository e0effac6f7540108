#pragma once
// Histogram: how often each duration was seen, with three significant digits from 1 ns to an hour,
// in memory that does not depend on how many were seen. The buckets and the rules for percentiles
// are those of HdrHistogram, so that its tools read what histogram_log.h writes: 2,048 steps of
// 1 ns, then 1,024 steps for every further doubling; a step is never wider than 1/1024 of its
// value.
//
// Merging adds counts: the sum of N recorders equals one recorder that saw everything, bit for bit.
// Values below 0 count as 0; values above the limit count as the limit and in saturated().
//
// Pages that no value has touched are never resident. One thread at a time.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/clock.h"
#include "core/zeroed_array.h"

namespace s1flow {

class Histogram {
 public:
  static constexpr std::int64_t kLimit = 3'600'000'000'000;  // one hour
  static constexpr int kDigits = 3;
  // 2,048 = the least power of two that is not below 2 * 10^kDigits.
  static constexpr std::size_t kSubBuckets = 2048;
  static constexpr std::size_t kHalf = kSubBuckets / 2;
  static constexpr int kSubBucketBits = 11;
  static constexpr std::size_t kSize = 33 * kHalf;  // up to the bucket that holds kLimit

  Histogram();
  Histogram(const Histogram& other);
  Histogram& operator=(const Histogram& other);
  Histogram(Histogram&&) noexcept = default;
  Histogram& operator=(Histogram&&) noexcept = default;
  ~Histogram() = default;

  void record(Nanoseconds value) { record(value.count(), 1); }
  void record(std::int64_t value, std::uint64_t times);
  void add(const Histogram& other);
  void clear();

  [[nodiscard]] std::uint64_t count() const { return total_; }
  [[nodiscard]] bool empty() const { return total_ == 0; }
  [[nodiscard]] std::uint64_t saturated() const { return saturated_; }
  // The exact smallest and largest value; 0 of nothing.
  [[nodiscard]] Nanoseconds min() const;
  [[nodiscard]] Nanoseconds max() const { return Nanoseconds{max_}; }
  // The largest value that is counted together with the one at this percentile (0 to 100) and not
  // above max(); 0 of nothing.
  [[nodiscard]] Nanoseconds percentile(double percent) const;
  // From the middle of each step.
  [[nodiscard]] double mean() const;
  [[nodiscard]] double standard_deviation() const;
  // How many values are at most `value` (to the end of its step).
  [[nodiscard]] std::uint64_t count_up_to(Nanoseconds value) const;

  // The counts from index 0 to the one of max().
  [[nodiscard]] std::span<const std::uint64_t> counts() const;
  // Adds to a step by its index, for readers of stored histograms; false when there is no such
  // step.
  [[nodiscard]] bool add_at(std::size_t index, std::uint64_t times);

  // Puts back what the steps do not tell; false when it contradicts them.
  [[nodiscard]] bool restore(Nanoseconds min, Nanoseconds max, std::uint64_t saturated);

  [[nodiscard]] static constexpr std::size_t index_of(std::int64_t value) {
    const auto v = static_cast<std::uint64_t>(value);
    const int bucket = std::bit_width(v | (kSubBuckets - 1)) - kSubBucketBits;
    return (static_cast<std::size_t>(bucket) << (kSubBucketBits - 1)) + (v >> bucket);
  }
  [[nodiscard]] static std::int64_t lowest_of(std::size_t index);
  [[nodiscard]] static std::int64_t highest_of(std::size_t index);

  friend bool operator==(const Histogram& a, const Histogram& b);

 private:
  ZeroedArray<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
  std::uint64_t saturated_ = 0;
  std::int64_t min_ = INT64_MAX;
  std::int64_t max_ = 0;
};

inline void Histogram::record(std::int64_t value, std::uint64_t times) {
  if (value < 0) value = 0;
  if (value > kLimit) {
    value = kLimit;
    saturated_ += times;
  }
  counts_[index_of(value)] += times;
  total_ += times;
  if (value < min_) min_ = value;
  if (value > max_) max_ = value;
}

}  // namespace s1flow
