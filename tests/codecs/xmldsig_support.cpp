#include "tests/codecs/xmldsig_support.h"

#include "core/check.h"
#include "core/text.h"

namespace s1flow::codecs::crypto::testing_support {

Sha256Digest document_digest() {
  return sha256_of(as_bytes(kDocument));
}

std::string make_signature(const Certificate& certificate, const PrivateKey& key) {
  auto maker = SignatureMaker::make(certificate, key);
  S1FLOW_CHECK(maker.has_value());
  std::string out;
  S1FLOW_CHECK(maker->append_signature(out, document_digest()).has_value());
  return out;
}

std::string make_signature(PartyRole role, CertificateUse use) {
  const PkiEntry& entry = entry_of(role, use);
  return make_signature(entry.certificate, entry.key());
}

std::string with_signature(std::string_view signature) {
  const std::size_t end = kDocument.rfind("</");
  return std::string(kDocument.substr(0, end)) + std::string(signature) +
         std::string(kDocument.substr(end));
}

std::string cut_signature(std::string_view document, std::string_view prefix) {
  std::string open("<");
  open.append(prefix).append("Signature ");
  std::string close("</");
  close.append(prefix).append("Signature>");
  const std::size_t begin = document.find(open);
  const std::size_t end = document.rfind(close);
  S1FLOW_CHECK(begin != std::string_view::npos && end != std::string_view::npos);
  return std::string(document.substr(begin, end + close.size() - begin));
}

RequiredSigner by_requesting_party() {
  return {CertificateUse::file_signing, {PartyRole::requesting_party}, kRequestingParty};
}

Verdict judge(std::string_view signature, const NamespaceContext& context,
              const Sha256Digest& digest, const RequiredSigner& required, const Pki& pki,
              UtcTime clock) {
  SignatureReader reader;
  ParsedSignature parsed;
  const SignatureReading reading = reader.read(signature, context, parsed);
  if (reading.outcome != SignatureOutcome::ok) return {reading.outcome, reading.why};
  SignatureChecker checker;
  const SignatureVerdict verdict = checker.verify(parsed, digest, pki, clock, required);
  return {verdict.outcome, name_of(verdict.outcome)};
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  S1FLOW_CHECK(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string replaced_all(std::string text, std::string_view from, std::string_view to) {
  std::size_t at = text.find(from);
  S1FLOW_CHECK(at != std::string::npos);
  for (; at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

}  // namespace s1flow::codecs::crypto::testing_support
