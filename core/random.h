#pragma once
// Repeatable pseudo-random numbers for generated data and simulated behaviour; never for keys or
// IVs. Counter based: the number for (seed, stream, index) does not depend on what was drawn
// before, so results do not depend on threads or order.

#include <cstdint>
#include <string_view>

namespace s1flow {

// SplitMix64's finaliser (Steele, Lea, Flood 2014): a bijection with good avalanche.
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xBF58476D1CE4E5B9ULL;
  x ^= x >> 27;
  x *= 0x94D049BB133111EBULL;
  return x ^ x >> 31;
}

// 64-bit hash of bytes, stable across builds and machines. Not for hostile keys in a hash table:
// salt it.
[[nodiscard]] std::uint64_t hash64(std::string_view bytes, std::uint64_t salt = 0);

class Random {
 public:
  explicit constexpr Random(std::uint64_t seed, std::uint64_t stream = 0)
      : state_(mix64(seed ^ mix64(stream + 0x9E3779B97F4A7C15ULL))) {}

  constexpr std::uint64_t next() { return mix64(state_ += 0x9E3779B97F4A7C15ULL); }
  // Uniform in [0, bound), bound > 0; Lemire's multiply-shift, whose bias of bound/2^64 is of no
  // account here.
  constexpr std::uint64_t below(std::uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>(static_cast<Wide>(next()) * bound >> 64);
  }
  // Uniform in [0, 1).
  constexpr double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  constexpr bool chance(double probability) { return unit() < probability; }

 private:
  std::uint64_t state_;
};

}  // namespace s1flow
