#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/random.h"
#include "loadgen/duration.h"
#include "loadgen/profiles/rate_curve.h"
#include "loadgen/profiles/registry.h"

namespace s1flow::loadgen {
namespace {

// Arrivals are cut into blocks of 64. The area that a block takes is the sum of 64 exponential
// gaps, which has a Gamma distribution and does not depend on how the gaps share it; so each
// block's area is drawn by itself and the shares within it when they are needed. That gives the
// k-th arrival at once, whoever asks for it and in whatever order.
constexpr std::size_t kBlock = 64;

double exponential(Random& random) {
  return -std::log(1.0 - random.unit());
}

double normal(Random& random) {
  return std::sqrt(2 * exponential(random)) * std::cos(2 * M_PI * random.unit());
}

// Marsaglia and Tsang 2000, for shapes of 1 and more.
double gamma(Random& random, double shape) {
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = normal(random);
    const double v = std::pow(1 + c * x, 3);
    if (v <= 0) continue;
    const double u = 1.0 - random.unit();
    if (std::log(u) < x * x / 2 + d - d * v + d * std::log(v)) return d * v;
  }
}

class PoissonSchedule final : public Schedule {
 public:
  PoissonSchedule(const std::vector<RateSegment>& segments, std::uint64_t seed)
      : curve_(segments), seed_(seed) {
    double area = 0;
    do {
      starts_.push_back(area);
      Random random(seed_, 2 * (starts_.size() - 1));
      area += gamma(random, static_cast<double>(kBlock));
    } while (area < curve_.total());
    starts_.push_back(area);
    const std::size_t last = starts_.size() - 2;
    const Areas areas = areas_of(last);
    const auto within = std::lower_bound(areas.begin(), areas.end(), curve_.total());
    count_ = last * kBlock + static_cast<std::uint64_t>(within - areas.begin());
  }
  [[nodiscard]] std::uint64_t count() const override { return count_; }
  [[nodiscard]] Nanoseconds due(std::uint64_t k) const override {
    return from_seconds(curve_.time_of(areas_of(k / kBlock)[k % kBlock]));
  }
  void due_times(std::uint64_t first, std::uint64_t stride,
                 std::span<Nanoseconds> out) const override {
    Areas areas{};
    std::uint64_t have = ~std::uint64_t{0};
    for (Nanoseconds& time : out) {
      if (first / kBlock != have) areas = areas_of(have = first / kBlock);
      time = from_seconds(curve_.time_of(areas[first % kBlock]));
      first += stride;
    }
  }

 private:
  using Areas = std::array<double, kBlock>;
  [[nodiscard]] Areas areas_of(std::uint64_t block) const {
    Random random(seed_, 2 * block + 1);
    Areas areas;
    double sum = 0;
    for (double& area : areas) area = sum += exponential(random);
    const double scale = (starts_[block + 1] - starts_[block]) / sum;
    for (double& area : areas) area = starts_[block] + area * scale;
    return areas;
  }

  RateCurve curve_;
  std::uint64_t seed_;
  std::vector<double> starts_;  // area before each block, and after the last one
  std::uint64_t count_ = 0;
};

Result<SchedulePointer> make(codecs::ConfigReader& reader, const ProfileContext& context) {
  const double rate = reader.real("rate", 0, 0.001, kMaxRate);
  const double to = reader.real("to", rate, 0, kMaxRate);
  return std::make_shared<PoissonSchedule>(
      std::vector<RateSegment>{{seconds_of(context.duration), rate, to}}, context.seed);
}

}  // namespace

constinit const Profile poisson_profile{
    .name = "poisson",
    .summary = "independent arrivals with exponential gaps, from the scenario's seed",
    .parameters = "rate = 1000, to = 2000",
    .make = &make,
};

}  // namespace s1flow::loadgen
