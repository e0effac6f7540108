#include "pipeline/exchange/signature_verdict.h"

#include "pipeline/rules/list.h"

namespace s1flow::pipeline {

namespace crypto = codecs::crypto;

const Rule* rule_of(crypto::SignatureOutcome outcome) {
  switch (outcome) {
    case crypto::SignatureOutcome::ok:
      return nullptr;
    case crypto::SignatureOutcome::missing:
      return &rules::file_signature_missing.rule;
    case crypto::SignatureOutcome::wrong_shape:
      return &rules::file_signature_shape.rule;
    case crypto::SignatureOutcome::algorithm_not_allowed:
      return &rules::file_signature_algorithm.rule;
    case crypto::SignatureOutcome::signer_unknown:
      return &rules::file_signer_unknown.rule;
    case crypto::SignatureOutcome::signer_not_trusted:
      return &rules::file_signer_not_trusted.rule;
    case crypto::SignatureOutcome::signer_not_yet_valid:
    case crypto::SignatureOutcome::signer_expired:
      return &rules::file_signer_expired.rule;
    case crypto::SignatureOutcome::signer_revoked:
      return &rules::file_signer_revoked.rule;
    case crypto::SignatureOutcome::signer_revocation_unknown:
      return &rules::file_signer_revocation_unknown.rule;
    case crypto::SignatureOutcome::signer_usage:
      return &rules::file_signer_usage.rule;
    case crypto::SignatureOutcome::signer_role:
      return &rules::file_signer_role.rule;
    case crypto::SignatureOutcome::signer_party:
      return &rules::file_signer_party.rule;
    case crypto::SignatureOutcome::digest_mismatch:
      return &rules::file_digest_mismatch.rule;
    case crypto::SignatureOutcome::value_invalid:
      return &rules::file_signature_invalid.rule;
  }
  return &rules::file_signature_shape.rule;
}

SignatureRefusal judge_signature(const SignatureEvidence& evidence, const crypto::Pki& pki,
                                 UtcTime clock, const crypto::RequiredSigner& required) {
  if (evidence.signatures == 0)
    return {.rule = &rules::file_signature_missing.rule, .note = {}, .signer = nullptr};
  const auto wrong_shape = [](std::string note) {
    return SignatureRefusal{
        .rule = &rules::file_signature_shape.rule, .note = std::move(note), .signer = nullptr};
  };
  if (evidence.signatures > 1) return wrong_shape("more than one Signature");
  if (evidence.misplaced) return wrong_shape("the Signature is not the root's last child");
  if (evidence.reading.outcome != crypto::SignatureOutcome::ok)
    return wrong_shape(std::string(evidence.reading.why));
  // One sender may have signed thousands of small files.
  crypto::SignatureChecker checker(crypto::Tables::where_they_pay);
  const crypto::SignatureVerdict v =
      checker.verify(evidence.parsed, evidence.digest, pki, clock, required);
  SignatureRefusal refusal{.rule = rule_of(v.outcome), .note = {}, .signer = v.signer};
  if (refusal.rule != nullptr) refusal.note = crypto::name_of(v.outcome);
  return refusal;
}

}  // namespace s1flow::pipeline
