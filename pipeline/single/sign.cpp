#include "pipeline/single/sign.h"

#include <algorithm>

namespace s1flow::pipeline {
namespace {

namespace crypto = codecs::crypto;

class SigningRewriter final : public XmlRewriter {
 public:
  SigningRewriter(crypto::SignatureMaker& maker, Replace replace)
      : maker_(maker), replace_(replace) {}
  [[nodiscard]] bool signed_before() const { return signed_before_; }

 private:
  void on_start(const codecs::XmlStart& e) override {
    if (is_root_signature(e)) {
      signed_before_ = true;
      if (replace_ == Replace::no) return reader().stop();
      hold(e.byte);
    }
    digest_.start_element(e);
  }
  void on_end(const codecs::XmlEnd& e) override {
    const bool was_signature = digest_.skipping();
    digest_.end_element(e);
    if (was_signature && !digest_.skipping()) skip_to(e.end);
    if (e.depth != 0) return;
    // What follows the root may still change the digest; its end tag waits for the signature.
    prefix_ = e.prefix;
    local_ = e.local;
    end_ = e.end;
    hold(0);
  }
  void on_text(std::string_view t) override { digest_.text(t); }
  void processing_instruction(std::string_view target, std::string_view data) override {
    digest_.processing_instruction(target, data);
  }
  void on_finish() override {
    if (signed_before_ && replace_ == Replace::no) return;
    std::string signature;
    if (Status made = maker_.append_signature(signature, digest_.finish()); !made)
      return fail(std::move(made).error());
    insert_before_end({.prefix = prefix_, .local = local_, .end = end_, .depth = 0}, signature);
  }

  crypto::SignatureMaker& maker_;
  Replace replace_;
  CanonicalDigest digest_;
  bool signed_before_ = false;
  std::string prefix_, local_;
  std::uint64_t end_ = 0;
};

}  // namespace

Result<SignedDocument> sign_document(const Path& path, crypto::SignatureMaker& maker,
                                     Replace replace, const ByteSink& sink,
                                     const std::function<void(std::uint64_t)>& progress) {
  SigningRewriter rewriter(maker, replace);
  S1FLOW_TRY(std::vector<codecs::Fault> faults, rewriter.run(path, sink, progress));
  SignedDocument done{.faults = std::move(faults), .signed_before = rewriter.signed_before()};
  if (done.signed_before && replace == Replace::no) done.faults.clear();
  return done;
}

SignatureFacts read_signature(const DocumentScan& scan) {
  SignatureFacts facts;
  if (!scan.signature) {
    facts.reading.outcome = crypto::SignatureOutcome::missing;
    return facts;
  }
  crypto::SignatureReader reader;
  facts.reading = reader.read(scan.signature->bytes, scan.signature->scope, facts.parsed);
  return facts;
}

SignatureRefusal verify_scan(const DocumentScan& scan, const SignatureFacts& facts,
                             const crypto::Pki& pki, UtcTime clock,
                             const crypto::RequiredSigner& required) {
  crypto::RequiredSigner any = required;
  if (any.roles.empty())
    for (const crypto::CertificateKind& kind : crypto::kCertificateKinds)
      if (kind.use == any.use) any.roles.push_back(kind.role);
  return judge_signature({.signatures = scan.signatures,
                          .misplaced = scan.signature_misplaced,
                          .reading = facts.reading,
                          .parsed = facts.parsed,
                          .digest = scan.digest},
                         pki, clock, any);
}

crypto::CertificateUse use_of_signer(const SignatureFacts& facts, const crypto::Pki& pki,
                                     UtcTime clock) {
  const auto issuer = crypto::DistinguishedName::parse(facts.parsed.issuer);
  const auto serial = CertificateSerial::parse_decimal(facts.parsed.serial);
  if (issuer && serial) {
    const crypto::PkiAnswer answer = pki.find(*issuer, *serial, clock);
    if (answer.entry != nullptr && crypto::is_signing(answer.entry->use)) return answer.entry->use;
  }
  return crypto::CertificateUse::file_signing;
}

}  // namespace s1flow::pipeline
