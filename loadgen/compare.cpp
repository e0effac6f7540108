#include "loadgen/compare.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/check.h"
#include "core/random.h"
#include "loadgen/block_noise.h"

namespace s1flow::loadgen {
namespace {

constexpr std::size_t kLeastBlocks = 10;
// Values on the thinner side of a percentile, in each run, and blocks that they are spread over.
constexpr double kLeastBeyond = 20;
constexpr double kLeastSpread = 5;
constexpr std::size_t kDraws = 2000;
constexpr double kMostShift = 6.9;  // e^6.9: a thousand times

// The values of one run: cumulated over the steps that either run has seen, in all and by block.
class Cumulated {
 public:
  Cumulated(const BlockCounts& counts, std::span<const std::uint32_t> steps)
      : steps_(steps), width_(steps.size() + 1), total_(width_), blocks_(counts.blocks() * width_) {
    for (std::size_t k = 0; k < counts.blocks(); ++k) {
      const std::span<double> row(blocks_.data() + k * width_, width_);
      for (const BlockCounts::Step& step : counts.steps(k))
        row[place_of(step.index) + 1] += step.count;
      std::partial_sum(row.begin(), row.end(), row.begin());
      for (std::size_t i = 0; i < width_; ++i) total_[i] += row[i];
    }
  }

  // Where a time lies among the steps: all of those before `step`, and a part of it.
  struct Place {
    std::size_t step;
    double part;
  };
  [[nodiscard]] Place locate(double time) const {
    const double whole = std::clamp(time, 0.0, static_cast<double>(Histogram::kLimit));
    const auto index =
        static_cast<std::uint32_t>(Histogram::index_of(static_cast<std::int64_t>(whole)));
    const std::size_t at = place_of(index);
    if (at == steps_.size() || steps_[at] != index) return {at, 0};
    const auto low = static_cast<double>(Histogram::lowest_of(index));
    const auto high = static_cast<double>(Histogram::highest_of(index)) + 1;
    return {at, (whole - low) / (high - low)};
  }
  [[nodiscard]] double count() const { return total_.back(); }
  [[nodiscard]] double share_above(double time) const {
    return 1 - within(total_.data(), locate(time)) / count();
  }
  [[nodiscard]] std::size_t blocks() const { return blocks_.size() / width_; }
  [[nodiscard]] double count(std::size_t block) const {
    return blocks_[block * width_ + width_ - 1];
  }
  [[nodiscard]] double above(std::size_t block, Place place) const {
    return count(block) - within(blocks_.data() + block * width_, place);
  }
  // Interpolated within its step.
  [[nodiscard]] double quantile(double share) const {
    const double wanted = share * count();
    const auto it = std::lower_bound(total_.begin() + 1, total_.end(), wanted);
    const std::size_t at =
        it == total_.end() ? steps_.size() - 1 : static_cast<std::size_t>(it - total_.begin()) - 1;
    const double inside = total_[at + 1] - total_[at];
    const double part = inside > 0 ? (wanted - total_[at]) / inside : 0;
    const auto low = static_cast<double>(Histogram::lowest_of(steps_[at]));
    const auto high = static_cast<double>(Histogram::highest_of(steps_[at])) + 1;
    return std::max(low + part * (high - low), 0.5);
  }

 private:
  [[nodiscard]] std::size_t place_of(std::uint32_t index) const {
    return static_cast<std::size_t>(std::lower_bound(steps_.begin(), steps_.end(), index) -
                                    steps_.begin());
  }
  [[nodiscard]] double within(const double* row, Place place) const {
    const double below = row[place.step];
    return place.part > 0 ? below + place.part * (row[place.step + 1] - below) : below;
  }

  std::span<const std::uint32_t> steps_;
  std::size_t width_;
  std::vector<double> total_;
  std::vector<double> blocks_;
};

std::vector<std::uint32_t> steps_of(const SeriesPair& pair) {
  std::vector<std::uint32_t> steps;
  for (const BlockCounts* run : {pair.a, pair.b})
    for (std::size_t k = 0; k < run->blocks(); ++k)
      for (const BlockCounts::Step& step : run->steps(k)) steps.push_back(step.index);
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  return steps;
}

// How the two runs differ, block by block: B's blocks less A's where they have as many, otherwise
// A's and then B's.
struct Differences {
  std::vector<double> by_block;  // their sum is the difference as a whole
  std::size_t split = 0;         // where the blocks of B start; 0: paired

  Differences(std::span<const double> a, std::span<const double> b) {
    if (a.size() == b.size()) {
      by_block.resize(a.size());
      for (std::size_t k = 0; k < a.size(); ++k) by_block[k] = b[k] - a[k];
      return;
    }
    split = a.size();
    for (const double x : a) by_block.push_back(-x);
    by_block.insert(by_block.end(), b.begin(), b.end());
  }
  [[nodiscard]] Noise noise() const {
    const std::span<const double> all(by_block);
    if (split == 0) return noise_of(all);
    return noise_of(all.first(split)).with(noise_of(all.subspan(split)));
  }
  [[nodiscard]] double sum() const {
    return std::accumulate(by_block.begin(), by_block.end(), 0.0);
  }
};

// One hypothesis of the family, with its part in the bootstrap.
struct Test {
  std::size_t group = 0;
  std::vector<double> shape;  // differences about their mean, of length 1
  std::size_t split = 0;

  Test(std::size_t its_group, const Differences& d) : group(its_group), split(d.split) {
    shape = d.by_block;
    const auto centre = [](std::span<double> part) {
      const double mean =
          std::accumulate(part.begin(), part.end(), 0.0) / static_cast<double>(part.size());
      for (double& x : part) x -= mean;
    };
    const std::span<double> all(shape);
    if (split == 0) {
      centre(all);
    } else {
      centre(all.first(split));
      centre(all.subspan(split));
    }
    const double length =
        std::sqrt(std::inner_product(shape.begin(), shape.end(), shape.begin(), 0.0));
    if (length > 0)
      for (double& x : shape) x /= length;
  }
};

// The two runs of one series, and the test of one percentile at any shift between them.
class Percentile {
 public:
  Percentile(const Cumulated& a, const Cumulated& b, double percent)
      : a_(a), b_(b), above_(1 - percent / 100) {
    from_ = a.quantile(percent / 100);
    to_ = b.quantile(percent / 100);
  }

  [[nodiscard]] double from() const { return from_; }
  [[nodiscard]] double to() const { return to_; }

  // Differences, block by block, as they would be if A were slower by the shift that is seen: all
  // that is left is noise.
  [[nodiscard]] Differences differences() const { return {by_block(a_, from_), by_block(b_, to_)}; }
  // How many standard errors more of B than of A is above the threshold if A were slower by
  // `log_shift`. The threshold leaves the share of the percentile above it, on the average of both.
  [[nodiscard]] double score(double log_shift, double deviation) const {
    const double factor = std::exp(-log_shift);
    double low = std::log(std::min(from_ / factor, to_)) - 1e-9;
    double high = std::log(std::max(from_ / factor, to_)) + 1e-9;
    double above_a = 0;
    double above_b = 0;
    for (int i = 0; i < 40 && high - low > 1e-9; ++i) {
      const double middle = (low + high) / 2;
      const double time = std::exp(middle);
      above_a = a_.share_above(time * factor);
      above_b = b_.share_above(time);
      ((above_a + above_b) / 2 > above_ ? low : high) = middle;
    }
    return (above_b - above_a) / deviation;
  }
  // Both ends of the shifts whose score is below the critical value; within a thousand times.
  [[nodiscard]] std::pair<double, double> interval(double critical) const {
    const Noise noise = differences().noise();
    // Independent values would spread so much; less is luck.
    const double least = above_ * (1 - above_) * (1 / a_.count() + 1 / b_.count());
    const double deviation = std::sqrt(std::max(noise.variance, least));
    const double limit = student(critical, noise.freedom);
    return {bound(limit, deviation, -1), bound(limit, deviation, 1)};
  }

  // Enough beyond the percentile, in enough blocks.
  [[nodiscard]] bool enough() const { return enough(a_, from_) && enough(b_, to_); }

 private:
  [[nodiscard]] std::vector<double> by_block(const Cumulated& run, double time) const {
    const Cumulated::Place place = run.locate(time);
    std::vector<double> out(run.blocks());
    for (std::size_t k = 0; k < out.size(); ++k)
      out[k] = (run.above(k, place) - above_ * run.count(k)) / run.count();
    return out;
  }
  [[nodiscard]] bool enough(const Cumulated& run, double time) const {
    if (run.blocks() < kLeastBlocks) return false;
    if (std::min(above_, 1 - above_) * run.count() < kLeastBeyond) return false;
    const Cumulated::Place place = run.locate(time);
    double sum = 0;
    double squares = 0;
    for (std::size_t k = 0; k < run.blocks(); ++k) {
      const double above = run.above(k, place);
      sum += above;
      squares += above * above;
    }
    return squares > 0 && sum * sum / squares >= kLeastSpread;
  }

  [[nodiscard]] double bound(double limit, double deviation, double direction) const {
    const double centre = std::log(to_ / from_);
    const auto refused = [&](double reach) {
      return std::abs(score(centre + direction * reach, deviation)) > limit;
    };
    double near = 0;
    double far = 0.01;
    while (!refused(far)) {
      near = far;
      far *= 2;
      if (far > kMostShift) return centre + direction * kMostShift;
    }
    for (int i = 0; i < 20 && far - near > 1e-5; ++i) {
      const double middle = (near + far) / 2;
      (refused(middle) ? far : near) = middle;
    }
    return centre + direction * near;
  }

  const Cumulated& a_;
  const Cumulated& b_;
  double above_;
  double from_ = 0;
  double to_ = 0;
};

// Standard normal multipliers, the same for all tests of a group, so that what they have in common
// is kept.
double critical_value(std::span<const Test> tests, const CompareOptions& options) {
  std::size_t groups = 0;
  std::size_t longest = 0;
  for (const Test& test : tests) {
    groups = std::max(groups, test.group + 1);
    longest = std::max(longest, test.shape.size());
  }
  std::vector<double> largest(kDraws);
  std::vector<double> multipliers(groups * longest);
  for (std::size_t draw = 0; draw < kDraws; ++draw) {
    Random random(options.seed, draw);
    for (double& m : multipliers) m = normal_quantile((random.unit() + 0x1p-54));
    double most = -1e9;
    for (const Test& test : tests)
      most = std::max(
          most, std::inner_product(
                    test.shape.begin(), test.shape.end(),
                    multipliers.begin() + static_cast<std::ptrdiff_t>(test.group * longest), 0.0));
    largest[draw] = most;
  }
  const auto at = static_cast<std::ptrdiff_t>(options.level * static_cast<double>(kDraws));
  std::nth_element(largest.begin(), largest.begin() + at, largest.end());
  return std::max(largest[static_cast<std::size_t>(at)], normal_quantile(options.level));
}

ShiftVerdict judge_shift(double shift, double low, double high, double least) {
  if (low > 0 && shift >= least) return ShiftVerdict::slower;
  if (high < 0 && shift <= -least) return ShiftVerdict::faster;
  if (low > -least && high < least) return ShiftVerdict::same;
  if (low > 0 || high < 0) return ShiftVerdict::same;  // sure, and of no account
  return ShiftVerdict::unclear;
}

struct ShareTest {
  Differences differences;
  double a, b;
  double deviation;
  double freedom;
};

std::optional<ShareTest> share_test(const SharePair& pair) {
  const auto sum = [](const std::vector<std::uint64_t>& v) {
    return static_cast<double>(std::accumulate(v.begin(), v.end(), std::uint64_t{0}));
  };
  const double ended_a = sum(pair.a->ended);
  const double ended_b = sum(pair.b->ended);
  if (std::min(pair.a->ended.size(), pair.b->ended.size()) < kLeastBlocks ||
      std::min(ended_a, ended_b) < kLeastBeyond)
    return std::nullopt;
  const double pooled = (sum(pair.a->failed) + sum(pair.b->failed)) / (ended_a + ended_b);
  const auto by_block = [&](const BlockShares& run, double ended) {
    std::vector<double> out(run.ended.size());
    for (std::size_t k = 0; k < out.size(); ++k)
      out[k] =
          (static_cast<double>(run.failed[k]) - pooled * static_cast<double>(run.ended[k])) / ended;
    return out;
  };
  Differences d(by_block(*pair.a, ended_a), by_block(*pair.b, ended_b));
  const Noise noise = d.noise();
  const double least = pooled * (1 - pooled) * (1 / ended_a + 1 / ended_b);
  const double deviation = std::sqrt(std::max(noise.variance, least));
  return ShareTest{std::move(d), sum(pair.a->failed) / ended_a, sum(pair.b->failed) / ended_b,
                   deviation, noise.freedom};
}

// A pair with all that its percentiles need.
struct Prepared {
  std::vector<std::uint32_t> steps;
  Cumulated a, b;
  explicit Prepared(const SeriesPair& pair)
      : steps(steps_of(pair)), a(*pair.a, steps), b(*pair.b, steps) {}
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
};

}  // namespace

void BlockCounts::add(std::size_t block, const Histogram& histogram) {
  if (histogram.empty() || blocks_.empty()) return;
  auto& steps = blocks_[std::min(block, blocks_.size() - 1)];
  const auto counts = histogram.counts();
  for (std::size_t i = Histogram::index_of(histogram.min().count()); i < counts.size(); ++i)
    if (counts[i] != 0)
      steps.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(counts[i])});
  count_ += histogram.count();
}

void BlockCounts::add(std::size_t block, Nanoseconds value) {
  const std::int64_t v = std::clamp<std::int64_t>(value.count(), 0, Histogram::kLimit);
  blocks_[std::min(block, blocks_.size() - 1)].push_back(
      {static_cast<std::uint32_t>(Histogram::index_of(v)), 1});
  ++count_;
}

std::size_t blocks_of(std::uint64_t seconds) {
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(seconds, 1, kMostBlocks));
}

bool Comparison::slower() const {
  const auto is = [](const auto& x) { return x.verdict == ShiftVerdict::slower; };
  return std::any_of(series.begin(), series.end(),
                     [&](const auto& s) { return std::any_of(s.begin(), s.end(), is); }) ||
         std::any_of(shares.begin(), shares.end(), is);
}

bool Comparison::enough_data() const {
  const auto is = [](const auto& x) { return x.verdict != ShiftVerdict::not_enough_data; };
  return std::any_of(series.begin(), series.end(),
                     [&](const auto& s) { return std::any_of(s.begin(), s.end(), is); });
}

Comparison compare(std::span<const SeriesPair> series, std::span<const SharePair> shares,
                   const CompareOptions& options) {
  Comparison out;
  out.series.resize(series.size());
  out.shares.resize(shares.size());
  // First what the family is; then its critical value; then the intervals.
  std::vector<Test> tests;
  for (std::size_t i = 0; i < series.size(); ++i) {
    S1FLOW_CHECK(series[i].a != nullptr && series[i].b != nullptr);
    for (std::size_t p = 0; p < kComparedPercentiles.size(); ++p)
      out.series[i][p].percent = kComparedPercentiles[p];
    if (series[i].a->count() == 0 || series[i].b->count() == 0) continue;
    const Prepared pair(series[i]);
    for (Shift& shift : out.series[i]) {
      const Percentile percentile(pair.a, pair.b, shift.percent);
      shift.a = Nanoseconds{std::llround(percentile.from())};
      shift.b = Nanoseconds{std::llround(percentile.to())};
      shift.shift = percentile.to() / percentile.from() - 1;
      if (!percentile.enough()) continue;
      shift.verdict = ShiftVerdict::unclear;
      tests.emplace_back(series[i].group, percentile.differences());
    }
  }
  std::vector<std::optional<ShareTest>> share_tests;
  for (const SharePair& pair : shares) {
    share_tests.push_back(share_test(pair));
    if (share_tests.back()) tests.emplace_back(pair.group, share_tests.back()->differences);
  }
  if (tests.empty()) return out;
  out.critical = critical_value(tests, options);
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (series[i].a->count() == 0 || series[i].b->count() == 0) continue;
    const Prepared pair(series[i]);
    for (Shift& shift : out.series[i]) {
      if (shift.verdict == ShiftVerdict::not_enough_data) continue;
      const Percentile percentile(pair.a, pair.b, shift.percent);
      const auto [low, high] = percentile.interval(out.critical);
      shift.low = std::expm1(low);
      shift.high = std::expm1(high);
      shift.verdict = judge_shift(shift.shift, shift.low, shift.high, options.least);
    }
  }
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (!share_tests[i]) continue;
    const ShareTest& test = *share_tests[i];
    ShareShift& s = out.shares[i];
    s.a = test.a;
    s.b = test.b;
    const double reach = student(out.critical, test.freedom) * test.deviation;
    s.low = s.b - s.a - reach;
    s.high = s.b - s.a + reach;
    s.verdict = judge_shift(s.b - s.a, s.low, s.high, options.least_share);
  }
  return out;
}

}  // namespace s1flow::loadgen
