#pragma once
// Namespace and algorithm identifiers of XML Signature 1.1 and XML Encryption 1.1 that this folder
// writes and accepts; what is not here is not accepted.

#include <string_view>

namespace s1flow::codecs::crypto::uri {

// Namespaces.
inline constexpr std::string_view kDs = "http://www.w3.org/2000/09/xmldsig#";
inline constexpr std::string_view kDs11 = "http://www.w3.org/2009/xmldsig11#";
inline constexpr std::string_view kXenc = "http://www.w3.org/2001/04/xmlenc#";
inline constexpr std::string_view kXenc11 = "http://www.w3.org/2009/xmlenc11#";

// Signature.
inline constexpr std::string_view kExclusiveC14n = "http://www.w3.org/2001/10/xml-exc-c14n#";
inline constexpr std::string_view kEcdsaSha256 =
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
inline constexpr std::string_view kEnveloped =
    "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
inline constexpr std::string_view kSha256 = "http://www.w3.org/2001/04/xmlenc#sha256";

// Encryption.
inline constexpr std::string_view kTypeElement = "http://www.w3.org/2001/04/xmlenc#Element";
inline constexpr std::string_view kTypeEncryptedKey =
    "http://www.w3.org/2001/04/xmlenc#EncryptedKey";
inline constexpr std::string_view kAes256Gcm = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
inline constexpr std::string_view kKeyWrapAes256 = "http://www.w3.org/2001/04/xmlenc#kw-aes256";
inline constexpr std::string_view kEcdhEs = "http://www.w3.org/2009/xmlenc11#ECDH-ES";
inline constexpr std::string_view kConcatKdf = "http://www.w3.org/2009/xmlenc11#ConcatKDF";
inline constexpr std::string_view kP256 = "urn:oid:1.2.840.10045.3.1.7";
inline constexpr std::string_view kRsaOaepMgf1p = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
inline constexpr std::string_view kRsaOaep = "http://www.w3.org/2009/xmlenc11#rsa-oaep";
inline constexpr std::string_view kMgf1Sha256 = "http://www.w3.org/2009/xmlenc11#mgf1sha256";
inline constexpr std::string_view kSha1 = "http://www.w3.org/2000/09/xmldsig#sha1";

}  // namespace s1flow::codecs::crypto::uri
