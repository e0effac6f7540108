#define OPENSSL_SUPPRESS_DEPRECATED  // EC_GROUP_precompute_mult, Jacobian coordinates

#include "codecs/crypto/curve.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

namespace s1flow::codecs::crypto {

Owned<ec_group_st> make_p256() {
  return Owned<ec_group_st>(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
}

Owned<ec_group_st> make_p256_of(std::span<const unsigned char> point) {
  const Owned<ec_group_st> curve = make_p256();
  Owned<ec_group_st> own(curve ? EC_GROUP_dup(curve.get()) : nullptr);
  const Owned<ec_point_st> generator(curve ? EC_POINT_new(curve.get()) : nullptr);
  const Owned<bignum_ctx> numbers(BN_CTX_new());
  if (!own || !generator || !numbers ||
      EC_POINT_oct2point(curve.get(), generator.get(), point.data(), point.size(), numbers.get()) !=
          1 ||
      EC_GROUP_set_generator(own.get(), generator.get(), EC_GROUP_get0_order(curve.get()),
                             BN_value_one()) != 1 ||
      EC_GROUP_precompute_mult(own.get(), numbers.get()) != 1)
    return nullptr;
  return own;
}

bool jacobian_x(const ec_group_st& group, const ec_point_st& point, bignum_st& x, bignum_st& z,
                bignum_ctx& numbers) {
  return EC_POINT_get_Jprojective_coordinates_GFp(&group, &point, &x, nullptr, &z, &numbers) == 1;
}

}  // namespace s1flow::codecs::crypto
