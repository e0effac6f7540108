#include "codecs/crypto/verification_table.h"

#include <openssl/bn.h>
#include <openssl/ec.h>

#include "codecs/crypto/curve.h"
#include "codecs/crypto/key.h"

namespace s1flow::codecs::crypto {

struct VerificationTable::Groups {
  Owned<ec_group_st> curve;   // as it is
  Owned<ec_group_st> signer;  // the same with the signer's point for a generator, and its multiples
  Owned<bignum_st> order;     // of both
};

VerificationTable::VerificationTable(std::unique_ptr<const Groups> groups)
    : groups_(std::move(groups)) {}
VerificationTable::~VerificationTable() = default;

std::unique_ptr<const VerificationTable> VerificationTable::make(const PublicKey& signer) {
  const auto bytes = signer.p256_point();
  if (!bytes) return nullptr;
  const QuietErrors quiet;
  auto groups = std::make_unique<Groups>();
  groups->curve = make_p256();
  groups->signer = make_p256_of(*bytes);
  groups->order.reset(BN_new());
  if (!groups->curve || !groups->signer || !groups->order ||
      EC_GROUP_get_order(groups->curve.get(), groups->order.get(), nullptr) != 1)
    return nullptr;
  return std::unique_ptr<const VerificationTable>(new VerificationTable(std::move(groups)));
}

std::optional<bool> VerificationTable::holds(const Sha256Digest& digest,
                                             std::span<const unsigned char> r,
                                             std::span<const unsigned char> s) const {
  const QuietErrors quiet;
  const Groups& g = *groups_;
  const Owned<bignum_ctx> numbers(BN_CTX_new());
  const Owned<ec_point_st> sum(EC_POINT_new(g.curve.get())), other(EC_POINT_new(g.signer.get()));
  const Owned<bignum_st> first(BN_new());   // of the generator
  const Owned<bignum_st> second(BN_new());  // of the signer's point
  const Owned<bignum_st> inverse(BN_new()), wanted(BN_new()), x(BN_new());
  if (!numbers || !sum || !other || !first || !second || !inverse || !wanted || !x)
    return std::nullopt;
  const auto read = [](std::span<const unsigned char> bytes, const Owned<bignum_st>& to) {
    return BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), to.get()) != nullptr;
  };
  const bool done =
      read(r, wanted) && read(s, inverse) && read(digest, first) &&
      BN_mod_inverse(inverse.get(), inverse.get(), g.order.get(), numbers.get()) != nullptr &&
      BN_mod_mul(first.get(), first.get(), inverse.get(), g.order.get(), numbers.get()) == 1 &&
      BN_mod_mul(second.get(), wanted.get(), inverse.get(), g.order.get(), numbers.get()) == 1 &&
      EC_POINT_mul(g.curve.get(), sum.get(), first.get(), nullptr, nullptr, numbers.get()) == 1 &&
      EC_POINT_mul(g.signer.get(), other.get(), second.get(), nullptr, nullptr, numbers.get()) ==
          1 &&
      EC_POINT_add(g.curve.get(), sum.get(), sum.get(), other.get(), numbers.get()) == 1;
  if (!done) return std::nullopt;
  if (EC_POINT_is_at_infinity(g.curve.get(), sum.get()) == 1) return false;
  if (EC_POINT_get_affine_coordinates(g.curve.get(), sum.get(), x.get(), nullptr, numbers.get()) !=
          1 ||
      BN_nnmod(x.get(), x.get(), g.order.get(), numbers.get()) != 1)
    return std::nullopt;
  return BN_cmp(x.get(), wanted.get()) == 0;
}

}  // namespace s1flow::codecs::crypto
