#include "codecs/crypto/openssl_owned.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

namespace s1flow::codecs::crypto {

void FreeOpenssl::operator()(asn1_string_st* p) const noexcept {
  ASN1_STRING_free(p);
}
void FreeOpenssl::operator()(bignum_ctx* p) const noexcept {
  BN_CTX_free(p);
}
void FreeOpenssl::operator()(bignum_st* p) const noexcept {
  BN_clear_free(p);
}
void FreeOpenssl::operator()(bio_st* p) const noexcept {
  BIO_free_all(p);
}
void FreeOpenssl::operator()(bn_mont_ctx_st* p) const noexcept {
  BN_MONT_CTX_free(p);
}
void FreeOpenssl::operator()(ec_group_st* p) const noexcept {
  EC_GROUP_free(p);
}
void FreeOpenssl::operator()(ec_point_st* p) const noexcept {
  EC_POINT_clear_free(p);
}
void FreeOpenssl::operator()(ECDSA_SIG_st* p) const noexcept {
  ECDSA_SIG_free(p);
}
void FreeOpenssl::operator()(evp_cipher_ctx_st* p) const noexcept {
  EVP_CIPHER_CTX_free(p);
}
void FreeOpenssl::operator()(evp_md_ctx_st* p) const noexcept {
  EVP_MD_CTX_free(p);
}
void FreeOpenssl::operator()(evp_pkey_ctx_st* p) const noexcept {
  EVP_PKEY_CTX_free(p);
}
void FreeOpenssl::operator()(evp_pkey_st* p) const noexcept {
  EVP_PKEY_free(p);
}
void FreeOpenssl::operator()(x509_st* p) const noexcept {
  X509_free(p);
}
void FreeOpenssl::operator()(x509_store_ctx_st* p) const noexcept {
  X509_STORE_CTX_free(p);
}
void FreeOpenssl::operator()(x509_store_st* p) const noexcept {
  X509_STORE_free(p);
}

QuietErrors::QuietErrors() {
  ERR_set_mark();
}
QuietErrors::~QuietErrors() {
  ERR_pop_to_mark();
}

}  // namespace s1flow::codecs::crypto
