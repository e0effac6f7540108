#include "codecs/crypto/agreement_table.h"

#include <openssl/bn.h>
#include <openssl/ec.h>

#include "codecs/crypto/curve.h"
#include "codecs/crypto/key_wrap.h"

namespace s1flow::codecs::crypto {
namespace {

constexpr std::size_t kCoordinate = 32;

}  // namespace

struct AgreementTable::Groups {
  Owned<ec_group_st> curve;  // as it is
  Owned<ec_group_st>
      recipient;  // the same with the recipient's point for a generator, and its multiples
};

Result<AgreementTable> AgreementTable::make(const PublicKey& recipient) {
  const auto bytes = recipient.p256_point();
  if (!bytes) return tl::unexpected(usage_error("key agreement needs a recipient key on EC P-256"));
  const QuietErrors quiet;
  auto groups = std::make_shared<Groups>();
  groups->curve = make_p256();
  groups->recipient = make_p256_of(*bytes);
  if (!groups->curve || !groups->recipient)
    return tl::unexpected(internal_error("the library refused to prepare a recipient's key"));
  return AgreementTable(std::move(groups));
}

Result<AgreedKey> AgreementTable::wrap(const ContentKey& key, const AgreementInfo& info) const {
  const QuietErrors quiet;
  const EC_GROUP* const curve = groups_->curve.get();
  const Owned<bignum_ctx> context(BN_CTX_secure_new());
  const Owned<bignum_st> secret(BN_secure_new());
  const Owned<bignum_st> x(BN_secure_new());
  const Owned<ec_point_st> own(EC_POINT_new(curve)), shared(EC_POINT_new(groups_->recipient.get()));
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
