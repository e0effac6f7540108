#pragma once
// P-256 with the multiples of a point, so that multiplying that point is as quick as multiplying
// the curve's own generator.
//
// OpenSSL offers that by its low-level functions only, which 3.0 calls deprecated: they are used in
// curve.cpp and nowhere else. A group is not changed once it is made: any number of threads may
// read it.

#include <span>

#include "codecs/crypto/openssl_owned.h"

namespace s1flow::codecs::crypto {

// Null when the library refuses.
[[nodiscard]] Owned<ec_group_st> make_p256();
// With `point`, an uncompressed one, for its generator; it takes about 150 kB, and tens of
// milliseconds to make.
[[nodiscard]] Owned<ec_group_st> make_p256_of(std::span<const unsigned char> point);

// X and Z of a point as the library has it: its x is X / Z^2. Asking for x itself costs a division,
// which is more than a third of what multiplying by a table costs. False when the library refuses.
[[nodiscard]] bool jacobian_x(const ec_group_st& group, const ec_point_st& point, bignum_st& x,
                              bignum_st& z, bignum_ctx& numbers);

}  // namespace s1flow::codecs::crypto
