#pragma once
// The text of the ds:Signature that s1flow writes, in pieces, as it stands in canonical form: its
// start tag declares ds, and SignedInfo repeats the declaration only when it stands alone, which is
// how it is signed.
//
//   kOpen kSignedInfoInPlace kMethods DIGEST kSignedInfoEnd kValueOpen VALUE kKeyInfoOpen ISSUER
//   kSerialOpen SERIAL kClose
//
// Over a record, kRecordMethods ID kRecordTransforms stand in the place of kMethods.

#include <string_view>

namespace s1flow::codecs::crypto::signature_form {

inline constexpr std::string_view kOpen =
    "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">";
inline constexpr std::string_view kSignedInfoInPlace = "<ds:SignedInfo>";
inline constexpr std::string_view kSignedInfoAlone =
    "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">";
inline constexpr std::string_view kMethods =
    "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">"
    "</ds:CanonicalizationMethod>"
    "<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\">"
    "</ds:SignatureMethod>"
    "<ds:Reference URI=\"\"><ds:Transforms>"
    "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\">"
    "</ds:Transform></ds:Transforms>"
    "<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>"
    "<ds:DigestValue>";
inline constexpr std::string_view kRecordMethods =
    "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">"
    "</ds:CanonicalizationMethod>"
    "<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\">"
    "</ds:SignatureMethod>"
    "<ds:Reference URI=\"#";
inline constexpr std::string_view kRecordTransforms =
    "\"><ds:Transforms>"
    "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\">"
    "</ds:Transform>"
    "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>"
    "</ds:Transforms>"
    "<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>"
    "<ds:DigestValue>";
inline constexpr std::size_t kDigestChars = 44;  // base64 of 32 bytes
inline constexpr std::string_view kSignedInfoEnd =
    "</ds:DigestValue></ds:Reference></ds:SignedInfo>";
inline constexpr std::string_view kValueOpen = "<ds:SignatureValue>";
inline constexpr std::size_t kValueChars = 88;  // base64 of r ‖ s
inline constexpr std::string_view kKeyInfoOpen =
    "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>";
inline constexpr std::string_view kSerialOpen = "</ds:X509IssuerName><ds:X509SerialNumber>";
inline constexpr std::string_view kClose =
    "</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data></ds:KeyInfo></ds:Signature>";

}  // namespace s1flow::codecs::crypto::signature_form
