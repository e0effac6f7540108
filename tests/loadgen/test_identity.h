#pragma once
// Certificates for TLS tests.

#include <cstdio>
#include <string>

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "core/file.h"

namespace s1flow::loadgen {

// A self-signed P-256 certificate for `name` ("IP:127.0.0.1") in NAME.pem and its key in NAME.key.
inline void make_identity(const Path& stem, const char* name) {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
  X509* cert = X509_new();
  X509_set_version(cert, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
  X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
  X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(cert, X509_get_subject_name(cert));
  X509_set_pubkey(cert, key);
  X509_EXTENSION* san = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name);
  X509_add_ext(cert, san, -1);
  X509_sign(cert, key, EVP_sha256());
  const auto write = [](const std::string& path, const auto& what) {
    std::FILE* file = std::fopen(path.c_str(), "w");
    ASSERT_NE(file, nullptr);
    what(file);
    std::fclose(file);
  };
  write(stem.string() + ".pem", [&](std::FILE* f) { PEM_write_X509(f, cert); });
  write(stem.string() + ".key",
        [&](std::FILE* f) { PEM_write_PrivateKey(f, key, nullptr, nullptr, 0, nullptr, nullptr); });
  X509_EXTENSION_free(san);
  X509_free(cert);
  EVP_PKEY_free(key);
}

}  // namespace s1flow::loadgen
