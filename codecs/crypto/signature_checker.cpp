// check_shape and SignatureChecker of codecs/crypto/xmldsig.h.

#include <algorithm>
#include <array>

#include "codecs/crypto/xml_security_names.h"
#include "codecs/crypto/xmldsig.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

SignatureOutcome outcome_of(CertificateStatus status) {
  switch (status) {
    case CertificateStatus::ok:
    case CertificateStatus::no_key:
      return SignatureOutcome::ok;
    case CertificateStatus::unknown:
      return SignatureOutcome::signer_unknown;
    case CertificateStatus::not_trusted:
      return SignatureOutcome::signer_not_trusted;
    case CertificateStatus::not_yet_valid:
      return SignatureOutcome::signer_not_yet_valid;
    case CertificateStatus::expired:
      return SignatureOutcome::signer_expired;
    case CertificateStatus::revoked:
      return SignatureOutcome::signer_revoked;
    case CertificateStatus::revocation_unknown:
      return SignatureOutcome::signer_revocation_unknown;
    case CertificateStatus::wrong_usage:
      return SignatureOutcome::signer_usage;
    case CertificateStatus::wrong_role:
      return SignatureOutcome::signer_role;
  }
  return SignatureOutcome::signer_unknown;
}

}  // namespace

SignatureOutcome judge_signer(const PkiAnswer& answer, const RequiredSigner& required) {
  if (const SignatureOutcome status = outcome_of(answer.status); status != SignatureOutcome::ok)
    return status;
  const PkiEntry& signer = *answer.entry;
  if (!is_signing(signer.use)) return SignatureOutcome::signer_usage;
  if (signer.use != required.use ||
      std::find(required.roles.begin(), required.roles.end(), signer.role) == required.roles.end())
    return SignatureOutcome::signer_role;
  // The method says ECDSA: no other kind of key may be tried with it.
  if (signer.certificate.public_key().type() != KeyType::p256)
    return SignatureOutcome::algorithm_not_allowed;
  if (required.party && (signer.eui.empty() || signer.eui != *required.party))
    return SignatureOutcome::signer_party;
  return SignatureOutcome::ok;
}

std::string_view name_of(SignatureOutcome outcome) {
  static constexpr std::array<std::string_view, 15> kNames{"ok",
                                                           "missing",
                                                           "wrong shape",
                                                           "algorithm not allowed",
                                                           "signer unknown",
                                                           "signer not trusted",
                                                           "signer not yet valid",
                                                           "signer expired",
                                                           "signer revoked",
                                                           "signer revocation unknown",
                                                           "signer usage",
                                                           "signer role",
                                                           "signer party",
                                                           "digest mismatch",
                                                           "value invalid"};
  return kNames[static_cast<std::size_t>(outcome)];
}

bool is_reference_id(std::string_view id) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !id.empty() && id.size() <= 255 && is_letter(id.front()) &&
         std::all_of(id.begin(), id.end(), [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-';
         });
}

SignatureOutcome check_shape(const ParsedSignature& signature, std::string_view record) {
  const std::string_view target = signature.reference_uri;
  const bool names_it =
      record.empty() ? target.empty() : target.starts_with('#') && target.substr(1) == record;
  if (!names_it || signature.transforms.size() != (record.empty() ? 1U : 2U) ||
      signature.signed_info.empty())
    return SignatureOutcome::wrong_shape;
  if (signature.canonicalization_method != uri::kExclusiveC14n ||
      signature.signature_method != uri::kEcdsaSha256 ||
      signature.transforms[0] != uri::kEnveloped ||
      (!record.empty() && signature.transforms[1] != uri::kExclusiveC14n) ||
      signature.digest_method != uri::kSha256)
    return SignatureOutcome::algorithm_not_allowed;
  const auto digest = decode_base64(signature.digest_value);
  if (!digest || digest->size() != Sha256Digest().size() ||
      !DistinguishedName::parse(signature.issuer) ||
      !CertificateSerial::parse_decimal(trim(signature.serial)))
    return SignatureOutcome::wrong_shape;
  return SignatureOutcome::ok;
}

SignatureVerdict SignatureChecker::verify(const ParsedSignature& signature,
                                          const Sha256Digest& digest, const Pki& pki, UtcTime clock,
                                          const RequiredSigner& required) {
  SignatureVerdict verdict;
  verdict.outcome = check_shape(signature);
  if (verdict.outcome != SignatureOutcome::ok) return verdict;

  const auto issuer = DistinguishedName::parse(signature.issuer);
  const auto serial = CertificateSerial::parse_decimal(trim(signature.serial));
  const PkiAnswer answer = pki.find(*issuer, *serial, clock);
  verdict.signer = answer.entry;
  verdict.outcome = judge_signer(answer, required);
  if (verdict.outcome == SignatureOutcome::ok)
    verdict.outcome = verify_value(signature, digest, answer.entry->certificate.public_key());
  return verdict;
}

SignatureOutcome SignatureChecker::verify_value(const ParsedSignature& signature,
                                                const Sha256Digest& digest, const PublicKey& key) {
  const auto claimed = decode_base64(signature.digest_value);
  if (!claimed || claimed->size() != digest.size() ||
      !std::equal(digest.begin(), digest.end(), as_bytes(*claimed).begin()))
    return SignatureOutcome::digest_mismatch;
  const auto value = decode_base64(signature.signature_value);
  return value && verifier_.verify(key, as_bytes(signature.signed_info), as_bytes(*value))
             ? SignatureOutcome::ok
             : SignatureOutcome::value_invalid;
}

}  // namespace s1flow::codecs::crypto
