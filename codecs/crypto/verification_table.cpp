#include "codecs/crypto/verification_table.h"

#include <openssl/bn.h>
#include <openssl/ec.h>

#include "codecs/crypto/curve.h"
#include "codecs/crypto/key.h"
#include "codecs/crypto/modular_inverse.h"

namespace s1flow::codecs::crypto {

namespace {

// Numbers modulo an odd one, by Montgomery's way: without divisions.
class Residues {
 public:
  bool of(const bignum_st* modulus, bignum_ctx* numbers) {
    modulus_.reset(BN_dup(modulus));
    form_.reset(BN_MONT_CTX_new());
    return modulus_ && form_ && BN_MONT_CTX_set(form_.get(), modulus, numbers) == 1;
  }
  [[nodiscard]] const bignum_st* modulus() const { return modulus_.get(); }
  // a * b / R, where R is a power of two: with one of them times R, the product.
  bool times(bignum_st* to, const bignum_st* a, const bignum_st* b, bignum_ctx* numbers) const {
    return BN_mod_mul_montgomery(to, a, b, form_.get(), numbers) == 1;
  }
  bool times_r(bignum_st* number, bignum_ctx* numbers) const {
    return BN_to_montgomery(number, number, form_.get(), numbers) == 1;
  }
  bool over_r(bignum_st* number, bignum_ctx* numbers) const {
    return BN_from_montgomery(number, number, form_.get(), numbers) == 1;
  }

 private:
  Owned<bignum_st> modulus_;
  Owned<bn_mont_ctx_st> form_;
};

// Numbers of one calculation, given back with it.
class Numbers {
 public:
  explicit Numbers(bignum_ctx* pool) : pool_(pool) { BN_CTX_start(pool_); }
  Numbers(const Numbers&) = delete;
  Numbers& operator=(const Numbers&) = delete;
  ~Numbers() { BN_CTX_end(pool_); }
  // Null when memory runs out, and then for all that follow.
  [[nodiscard]] bignum_st* next() { return BN_CTX_get(pool_); }

 private:
  bignum_ctx* pool_;
};

}  // namespace

struct VerificationTable::Groups {
  Owned<ec_group_st> curve;   // as it is
  Owned<ec_group_st> signer;  // the same with the signer's point for a generator, and its multiples
  Residues order;             // of both
  Number256 order_bytes{};
  Residues field;
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
  const Owned<bignum_ctx> numbers(BN_CTX_new());
  if (!groups->curve || !groups->signer || !numbers ||
      !groups->order.of(EC_GROUP_get0_order(groups->curve.get()), numbers.get()) ||
      BN_bn2binpad(groups->order.modulus(), groups->order_bytes.data(),
                   static_cast<int>(groups->order_bytes.size())) < 0 ||
      !groups->field.of(EC_GROUP_get0_field(groups->curve.get()), numbers.get()))
    return nullptr;
  return std::unique_ptr<const VerificationTable>(new VerificationTable(std::move(groups)));
}

std::optional<bool> VerificationTable::holds(const Sha256Digest& digest,
                                             std::span<const unsigned char> r,
                                             std::span<const unsigned char> s) const {
  const QuietErrors quiet;
  const Groups& g = *groups_;
  const Owned<bignum_ctx> pool(BN_CTX_new());
  const Owned<ec_point_st> sum(EC_POINT_new(g.curve.get())), other(EC_POINT_new(g.signer.get()));
  if (!pool || !sum || !other) return std::nullopt;
  bignum_ctx* const n = pool.get();
  Numbers numbers(n);
  bignum_st* const first = numbers.next();   // of the generator
  bignum_st* const second = numbers.next();  // of the signer's point
  bignum_st* const inverse = numbers.next();
  bignum_st* const wanted = numbers.next();
  bignum_st* const x = numbers.next();
  bignum_st* const z = numbers.next();
  if (z == nullptr) return std::nullopt;
  const auto read = [](std::span<const unsigned char> bytes, bignum_st* to) {
    return BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), to) != nullptr;
  };
  const auto inverted = inverse_modulo(s.first<32>(), g.order_bytes);
  const bool done =
      inverted && read(r, wanted) && read(*inverted, inverse) && read(digest, first) &&
      (BN_cmp(first, g.order.modulus()) < 0 || BN_sub(first, first, g.order.modulus()) == 1) &&
      g.order.times_r(inverse, n) && g.order.times(first, first, inverse, n) &&
      g.order.times(second, wanted, inverse, n) &&
      EC_POINT_mul(g.curve.get(), sum.get(), first, nullptr, nullptr, n) == 1 &&
      EC_POINT_mul(g.signer.get(), other.get(), second, nullptr, nullptr, n) == 1 &&
      EC_POINT_add(g.curve.get(), sum.get(), sum.get(), other.get(), n) == 1;
  if (!done) return std::nullopt;
  if (EC_POINT_is_at_infinity(g.curve.get(), sum.get()) == 1) return false;
  // The sum's x, modulo the order, is to be r: so x is r or, where that is in the field, r and the
  // order. x is X / Z^2, both sides are multiplied by Z^2 and divided by R^2.
  if (!jacobian_x(*g.curve, *sum, *x, *z, *n) || !g.field.times(z, z, z, n) ||
      !g.field.over_r(x, n) || !g.field.over_r(x, n))
    return std::nullopt;
  for (int candidate = 0; candidate < 2; ++candidate) {
    if (!g.field.times(second, wanted, z, n)) return std::nullopt;
    if (BN_cmp(second, x) == 0) return true;
    if (BN_add(wanted, wanted, g.order.modulus()) != 1) return std::nullopt;
    if (BN_cmp(wanted, g.field.modulus()) >= 0) break;
  }
  return false;
}

}  // namespace s1flow::codecs::crypto
