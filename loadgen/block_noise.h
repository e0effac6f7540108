#pragma once
// How uncertain a sum over blocks of time is when blocks that follow each other are alike. Pure.

#include <span>

namespace s1flow::loadgen {

struct Noise {
  double variance = 0;  // of the sum
  double freedom = 1;   // degrees of freedom of that estimate

  // Of the sum of two independent ones (Welch and Satterthwaite).
  [[nodiscard]] Noise with(const Noise& other) const;
};

// At least 4 blocks.
[[nodiscard]] Noise noise_of(std::span<const double> blocks);

// The quantile of the standard normal distribution; 0 < share < 1.
[[nodiscard]] double normal_quantile(double share);
// The quantile of Student's distribution at the share where the normal one has `normal`.
[[nodiscard]] double student(double normal, double freedom);

}  // namespace s1flow::loadgen
