#define OPENSSL_SUPPRESS_DEPRECATED  // EC_GROUP_precompute_mult

#include "codecs/crypto/agreement_table.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "codecs/crypto/key_wrap.h"

namespace s1flow::codecs::crypto {
namespace {

constexpr std::size_t kCoordinate = 32;

struct FreeGroup {
  void operator()(EC_GROUP* g) const { EC_GROUP_free(g); }
};
struct FreePoint {
  void operator()(EC_POINT* p) const { EC_POINT_clear_free(p); }
};
struct FreeContext {
  void operator()(BN_CTX* c) const { BN_CTX_free(c); }
};
struct ClearNumber {
  void operator()(BIGNUM* n) const { BN_clear_free(n); }
};
using Group = std::unique_ptr<EC_GROUP, FreeGroup>;
using Point = std::unique_ptr<EC_POINT, FreePoint>;

}  // namespace

struct AgreementTable::Groups {
  Group curve;      // as it is
  Group recipient;  // the same with the recipient's point for a generator, and its multiples
};

Result<AgreementTable> AgreementTable::make(const PublicKey& recipient) {
  const auto bytes = recipient.p256_point();
  if (!bytes) return tl::unexpected(usage_error("key agreement needs a recipient key on EC P-256"));
  const QuietErrors quiet;
  auto groups = std::make_shared<Groups>();
  groups->curve.reset(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  groups->recipient.reset(EC_GROUP_dup(groups->curve.get()));
  const Point point(groups->curve ? EC_POINT_new(groups->curve.get()) : nullptr);
  const std::unique_ptr<BN_CTX, FreeContext> context(BN_CTX_secure_new());
  if (!groups->recipient || !point || !context ||
      EC_POINT_oct2point(groups->curve.get(), point.get(), bytes->data(), bytes->size(),
                         context.get()) != 1 ||
      EC_GROUP_set_generator(groups->recipient.get(), point.get(),
                             EC_GROUP_get0_order(groups->curve.get()), BN_value_one()) != 1 ||
      EC_GROUP_precompute_mult(groups->recipient.get(), context.get()) != 1)
    return tl::unexpected(internal_error("the library refused to prepare a recipient's key"));
  return AgreementTable(std::move(groups));
}

Result<AgreedKey> AgreementTable::wrap(const ContentKey& key, const AgreementInfo& info) const {
  const QuietErrors quiet;
  const EC_GROUP* const curve = groups_->curve.get();
  const std::unique_ptr<BN_CTX, FreeContext> context(BN_CTX_secure_new());
  const std::unique_ptr<BIGNUM, ClearNumber> secret(BN_secure_new());
  const std::unique_ptr<BIGNUM, ClearNumber> x(BN_secure_new());
  const Point own(EC_POINT_new(curve)), shared(EC_POINT_new(groups_->recipient.get()));
  if (!context || !secret || !x || !own || !shared)
    return tl::unexpected(internal_error("the library refused to agree on a key"));
  BN_set_flags(secret.get(), BN_FLG_CONSTTIME);
  AgreedKey agreed;
  Secret bytes;
  bytes.resize(kCoordinate);
  // From 1 to the order less one: zero is drawn again.
  do {
    if (BN_priv_rand_range(secret.get(), EC_GROUP_get0_order(curve)) != 1)
      return tl::unexpected(internal_error("no random numbers"));
  } while (BN_is_zero(secret.get()) != 0);
  if (EC_POINT_mul(curve, own.get(), secret.get(), nullptr, nullptr, context.get()) != 1 ||
      EC_POINT_mul(groups_->recipient.get(), shared.get(), secret.get(), nullptr, nullptr,
                   context.get()) != 1 ||
      EC_POINT_point2oct(curve, own.get(), POINT_CONVERSION_UNCOMPRESSED, agreed.ephemeral.data(),
                         agreed.ephemeral.size(), context.get()) != agreed.ephemeral.size() ||
      EC_POINT_get_affine_coordinates(groups_->recipient.get(), shared.get(), x.get(), nullptr,
                                      context.get()) != 1 ||
      BN_bn2binpad(x.get(), bytes.data(), static_cast<int>(kCoordinate)) !=
          static_cast<int>(kCoordinate) ||
      !wrap_key(derive_wrap_key(bytes, info).bytes(), key.bytes(), agreed.wrapped))
    return tl::unexpected(internal_error("the library refused to agree on a key"));
  return agreed;
}

}  // namespace s1flow::codecs::crypto
