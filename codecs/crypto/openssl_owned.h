#pragma once
// Owned<T>: unique owners of OpenSSL's objects. The types are only declared here, so that OpenSSL's
// own headers stay in the .cpp files of this folder.

#include <memory>

struct asn1_string_st;
struct bignum_ctx;
struct bignum_st;
struct bio_st;
struct bn_mont_ctx_st;
struct ec_group_st;
struct ec_point_st;
struct ECDSA_SIG_st;
struct evp_cipher_ctx_st;
struct evp_md_ctx_st;
struct evp_pkey_ctx_st;
struct evp_pkey_st;
struct x509_st;
struct x509_store_ctx_st;
struct x509_store_st;

namespace s1flow::codecs::crypto {

struct FreeOpenssl {
  void operator()(asn1_string_st* p) const noexcept;
  void operator()(bignum_ctx* p) const noexcept;
  void operator()(bignum_st* p) const noexcept;
  void operator()(bio_st* p) const noexcept;
  void operator()(bn_mont_ctx_st* p) const noexcept;
  void operator()(ec_group_st* p) const noexcept;
  void operator()(ec_point_st* p) const noexcept;
  void operator()(ECDSA_SIG_st* p) const noexcept;
  void operator()(evp_cipher_ctx_st* p) const noexcept;
  void operator()(evp_md_ctx_st* p) const noexcept;
  void operator()(evp_pkey_ctx_st* p) const noexcept;
  void operator()(evp_pkey_st* p) const noexcept;
  void operator()(x509_st* p) const noexcept;
  void operator()(x509_store_ctx_st* p) const noexcept;
  void operator()(x509_store_st* p) const noexcept;
};

template <typename T>
using Owned = std::unique_ptr<T, FreeOpenssl>;

// Drops what OpenSSL adds to the thread's error queue while it lives: refusals are told by our own
// return values, and library error texts can hold parts of what was read.
class QuietErrors {
 public:
  QuietErrors();
  ~QuietErrors();
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
};

}  // namespace s1flow::codecs::crypto
