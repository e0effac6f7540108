#include "loadgen/block_noise.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "core/check.h"

namespace s1flow::loadgen {
namespace {

constexpr std::size_t kLeastBatches = 15;
constexpr double kMostCorrelation = 0.9;

// The variance of the sum as that of a process in which each block carries over a part of the one
// before; never a negative part, since blocks that alternate are luck.
double carried(std::span<const double> blocks) {
  const auto n = static_cast<double>(blocks.size());
  const double mean = std::accumulate(blocks.begin(), blocks.end(), 0.0) / n;
  double squares = 0;
  double products = 0;
  for (std::size_t k = 0; k < blocks.size(); ++k) {
    const double here = blocks[k] - mean;
    squares += here * here;
    if (k != 0) products += here * (blocks[k - 1] - mean);
  }
  if (squares <= 0) return 0;
  const double part = std::clamp(products / squares, 0.0, kMostCorrelation);
  return squares * n / (n - 1) * (1 + part) / (1 - part);
}

}  // namespace

Noise Noise::with(const Noise& other) const {
  const double sum = variance + other.variance;
  if (sum <= 0) return {0, std::min(freedom, other.freedom)};
  return {sum,
          sum * sum /
              (variance * variance / freedom + other.variance * other.variance / other.freedom)};
}

Noise noise_of(std::span<const double> blocks) {
  S1FLOW_CHECK(blocks.size() >= 4);
  double variance = carried(blocks);
  std::vector<double> batches(blocks.begin(), blocks.end());
  // What changes slowly hides behind the noise of short blocks and stands out in long ones.
  while (batches.size() / 2 >= kLeastBatches) {
    for (std::size_t k = 0; k < batches.size() / 2; ++k)
      batches[k] = batches[2 * k] + batches[2 * k + 1];
    if (batches.size() % 2 != 0) batches[batches.size() / 2 - 1] += batches.back();
    batches.resize(batches.size() / 2);
    variance = std::max(variance, carried(batches));
  }
  // Half of what independent blocks would have: how alike they are is estimated too.
  return {variance, static_cast<double>(blocks.size() - 1) / 2};
}

// Wichura's algorithm AS 241 in its short form (seven figures).
double normal_quantile(double share) {
  const double q = share - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179) /
           (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0);
  }
  double r = std::sqrt(-std::log(q < 0 ? share : 1 - share));
  double value = 0;
  if (r <= 5) {
    r -= 1.6;
    value = (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) /
            ((0.12021132975 * r + 0.73700164250) * r + 1.0);
  } else {
    r -= 5;
    value = (((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150) /
            ((0.012258202635 * r + 0.24197894225) * r + 1.0);
  }
  return q < 0 ? -value : value;
}

// Cornish and Fisher's expansion; good to 1 % from five degrees on.
double student(double normal, double freedom) {
  const double z = normal;
  const double z3 = z * z * z;
  const double z5 = z3 * z * z;
  const double z7 = z5 * z * z;
  const double v = std::max(freedom, 4.0);
  return z + (z3 + z) / (4 * v) + (5 * z5 + 16 * z3 + 3 * z) / (96 * v * v) +
         (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * v * v * v);
}

}  // namespace s1flow::loadgen
