#pragma once
// The inverse of a number modulo another one, by GMP's extended Euclid (mpn_gcdext): nine times as
// quick as OpenSSL 3.0's, which is half of what checking a signature by a table costs.
//
// Its time depends on the numbers, so it is for public ones only, such as those of a signature to
// check. Pure; thread-safe; allocates nothing.

#include <array>
#include <optional>
#include <span>

namespace s1flow::codecs::crypto {

// Big-endian, as a signature has them.
using Number256 = std::array<unsigned char, 32>;

// `modulus` has its highest 64 bits not all zero. Nothing when `value` is 0 or has a divisor in
// common with it.
[[nodiscard]] std::optional<Number256> inverse_modulo(std::span<const unsigned char, 32> value,
                                                      std::span<const unsigned char, 32> modulus);

}  // namespace s1flow::codecs::crypto
