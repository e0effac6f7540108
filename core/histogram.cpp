#include "core/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/check.h"

namespace s1flow {

static_assert(Histogram::index_of(Histogram::kLimit) < Histogram::kSize);
static_assert(Histogram::index_of(0) == 0 && Histogram::index_of(2047) == 2047);
static_assert(Histogram::index_of(2048) == 2048 && Histogram::index_of(2049) == 2048);
static_assert(Histogram::index_of(4096) == 3072);

Histogram::Histogram() : counts_(kSize) {}

Histogram::Histogram(const Histogram& other) : counts_(kSize) {
  add(other);
}

Histogram& Histogram::operator=(const Histogram& other) {
  if (this == &other) return *this;
  clear();
  add(other);
  return *this;
}

void Histogram::add(const Histogram& other) {
  if (other.total_ == 0) return;
  const std::size_t last = index_of(other.max_);
  for (std::size_t i = index_of(other.min_); i <= last; ++i) counts_[i] += other.counts_[i];
  total_ += other.total_;
  saturated_ += other.saturated_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

void Histogram::clear() {
  if (total_ != 0)
    std::fill(counts_.data() + index_of(min_), counts_.data() + index_of(max_) + 1,
              std::uint64_t{0});
  total_ = saturated_ = 0;
  min_ = std::numeric_limits<std::int64_t>::max();
  max_ = 0;
}

std::int64_t Histogram::lowest_of(std::size_t index) {
  if (index < kSubBuckets) return static_cast<std::int64_t>(index);
  const std::size_t bucket = index / kHalf - 1;
  return static_cast<std::int64_t>((index % kHalf + kHalf) << bucket);
}

std::int64_t Histogram::highest_of(std::size_t index) {
  return lowest_of(index + 1) - 1;
}

Nanoseconds Histogram::min() const {
  return Nanoseconds{total_ == 0 ? 0 : min_};
}

Nanoseconds Histogram::percentile(double percent) const {
  if (total_ == 0) return Nanoseconds{0};
  percent = std::clamp(percent, 0.0, 100.0);
  // One step down before rounding up: 99.9 % of 1,000 is the 999th value, and not the 1,000th
  // because 99.9 is no binary fraction.
  const double below = std::nextafter(percent, 0.0) / 100.0 * static_cast<double>(total_);
  const std::uint64_t wanted =
      std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::ceil(below)), 1, total_);
  std::uint64_t seen = 0;
  for (std::size_t i = index_of(min_);; ++i) {
    seen += counts_[i];
    if (seen >= wanted) return Nanoseconds{std::min(highest_of(i), max_)};
  }
}

double Histogram::mean() const {
  if (total_ == 0) return 0;
  double sum = 0;
  for (std::size_t i = index_of(min_); i <= index_of(max_); ++i)
    if (counts_[i] != 0)
      sum += static_cast<double>(counts_[i]) *
             (static_cast<double>(lowest_of(i)) + static_cast<double>(highest_of(i))) / 2;
  return sum / static_cast<double>(total_);
}

double Histogram::standard_deviation() const {
  if (total_ == 0) return 0;
  const double centre = mean();
  double sum = 0;
  for (std::size_t i = index_of(min_); i <= index_of(max_); ++i) {
    if (counts_[i] == 0) continue;
    const double off =
        (static_cast<double>(lowest_of(i)) + static_cast<double>(highest_of(i))) / 2 - centre;
    sum += static_cast<double>(counts_[i]) * off * off;
  }
  return std::sqrt(sum / static_cast<double>(total_));
}

std::uint64_t Histogram::count_up_to(Nanoseconds value) const {
  if (total_ == 0 || value.count() < min_) return 0;
  if (value.count() >= max_) return total_;
  std::uint64_t sum = 0;
  for (std::size_t i = index_of(min_); i <= index_of(value.count()); ++i) sum += counts_[i];
  return sum;
}

std::span<const std::uint64_t> Histogram::counts() const {
  return {counts_.data(), index_of(max_) + 1};
}

bool Histogram::add_at(std::size_t index, std::uint64_t times) {
  if (index >= kSize) return false;
  if (times == 0) return true;
  counts_[index] += times;
  total_ += times;
  min_ = std::min(min_, lowest_of(index));
  max_ = std::max(max_, std::min(highest_of(index), kLimit));
  return true;
}

bool Histogram::restore(Nanoseconds min, Nanoseconds max, std::uint64_t saturated) {
  const auto fits = [](Nanoseconds value, std::int64_t seen) {
    return value.count() >= 0 && value.count() <= kLimit &&
           index_of(value.count()) == index_of(seen);
  };
  if (total_ == 0 || min > max || !fits(min, min_) || !fits(max, max_)) return false;
  if (saturated > total_ || (saturated != 0 && max.count() != kLimit)) return false;
  min_ = min.count();
  max_ = max.count();
  saturated_ = saturated;
  return true;
}

bool operator==(const Histogram& a, const Histogram& b) {
  if (a.total_ != b.total_ || a.saturated_ != b.saturated_ || a.max_ != b.max_ || a.min_ != b.min_)
    return false;
  return std::equal(a.counts_.data(), a.counts_.data() + Histogram::index_of(a.max_) + 1,
                    b.counts_.data());
}

}  // namespace s1flow
