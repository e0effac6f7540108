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

SignatureOutcome check_shape(const ParsedSignature& signature) {
  if (!signature.reference_uri.empty() || signature.transforms.size() != 1 ||
      signature.signed_info.empty())
    return SignatureOutcome::wrong_shape;
  if (signature.canonicalization_method != uri::kExclusiveC14n ||
      signature.signature_method != uri::kEcdsaSha256 ||
      signature.transforms[0] != uri::kEnveloped || signature.digest_method != uri::kSha256)
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
  if (verdict.outcome != SignatureOutcome::ok) return verdict;

  const auto claimed = decode_base64(signature.digest_value);
  if (!std::equal(digest.begin(), digest.end(), as_bytes(*claimed).begin())) {
    verdict.outcome = SignatureOutcome::digest_mismatch;
    return verdict;
  }
  const auto value = decode_base64(signature.signature_value);
  if (!value || !verifier_.verify(answer.entry->certificate.public_key(),
                                  as_bytes(signature.signed_info), as_bytes(*value)))
    verdict.outcome = SignatureOutcome::value_invalid;
  return verdict;
}

}  // namespace s1flow::codecs::crypto
