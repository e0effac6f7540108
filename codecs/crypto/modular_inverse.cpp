#include "codecs/crypto/modular_inverse.h"

#include <algorithm>

#include <gmp.h>

#include "core/check.h"

namespace s1flow::codecs::crypto {
namespace {

static_assert(GMP_LIMB_BITS == 64 && GMP_NAIL_BITS == 0);
constexpr std::size_t kLimbs = 4;
using Limbs = std::array<mp_limb_t, kLimbs>;

Limbs limbs_of(std::span<const unsigned char, 32> bytes) {
  Limbs limbs{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    mp_limb_t& limb = limbs[kLimbs - 1 - i / sizeof(mp_limb_t)];
    limb = limb << 8 | bytes[i];
  }
  return limbs;
}

Number256 bytes_of(const Limbs& limbs) {
  Number256 bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[bytes.size() - 1 - i] =
        static_cast<unsigned char>(limbs[i / sizeof(mp_limb_t)] >> (i % sizeof(mp_limb_t) * 8));
  return bytes;
}

bool is_zero(const Limbs& limbs) {
  return std::all_of(limbs.begin(), limbs.end(), [](mp_limb_t limb) { return limb == 0; });
}

}  // namespace

std::optional<Number256> inverse_modulo(std::span<const unsigned char, 32> value,
                                        std::span<const unsigned char, 32> modulus) {
  const Limbs number = limbs_of(value), base = limbs_of(modulus);
  S1FLOW_CHECK(base.back() != 0);
  if (is_zero(number)) return std::nullopt;
  // It writes over both, and wants room for a limb more.
  std::array<mp_limb_t, kLimbs + 1> u{}, v{}, factor{};
  std::copy(number.begin(), number.end(), u.begin());
  std::copy(base.begin(), base.end(), v.begin());
  Limbs divisor{};
  mp_size_t size = 0;
  const mp_size_t divisor_size =
      mpn_gcdext(divisor.data(), factor.data(), &size, u.data(), kLimbs, v.data(), kLimbs);
  if (divisor_size != 1 || divisor[0] != 1) return std::nullopt;
  // The number times `factor` is 1 modulo the base; a negative one has a negative size.
  Limbs inverse{};
  std::copy_n(factor.begin(), size < 0 ? -size : size, inverse.begin());
  if (size < 0) mpn_sub_n(inverse.data(), base.data(), inverse.data(), kLimbs);
  return bytes_of(inverse);
}

}  // namespace s1flow::codecs::crypto
