#pragma once
// XML Signature in the one profile that DUIS messages use and that s1flow also uses for migration
// files (docs/formats/signature-and-encryption.md):
//
//   enveloped; one Reference with URI "" and the enveloped-signature transform only; its digest is
//   SHA-256 over the inclusive C14N 1.0 of the document without the Signature, which the caller
//   makes and streams into a Sha256; SignedInfo in exclusive C14N; ECDSA P-256 with SHA-256 as r ‖
//   s; KeyInfo names the certificate by issuer and serial, and the key comes from the Pki only.
// Where a layout has its records signed one by one, the profile differs in one place: the Reference
// has the URI "#id" of its record, and exclusive C14N as its second transform; the digest is over
// that form of the record alone.
//
// Nothing else is understood: shape and algorithms are settled before any cryptography is done.
// That there is one Signature, and that it is the root's last child, is for the caller to see, who
// reads the document.
//
// Makers, readers and checkers are kept per worker and reused; they are not thread-safe.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/crypto/digest.h"
#include "codecs/crypto/key.h"
#include "codecs/crypto/pki.h"
#include "codecs/crypto/small_xml.h"

namespace s1flow::codecs::crypto {

// An error unless the key is EC P-256, belongs to the certificate, and the certificate allows
// digital signatures.
[[nodiscard]] Result<Signer> make_xml_signer(const Certificate& certificate, const PrivateKey& key);
// The text from the end of SignatureValue on: the same for every message of a signer.
[[nodiscard]] std::string key_info_of(const Certificate& certificate);

class SignatureMaker {
 public:
  // An error as of make_xml_signer.
  [[nodiscard]] static Result<SignatureMaker> make(const Certificate& certificate,
                                                   const PrivateKey& key);

  // Appends <ds:Signature xmlns:ds="…">…</ds:Signature>: one line, in canonical form, for the
  // document whose digest is given.
  [[nodiscard]] Status append_signature(std::string& out, const Sha256Digest& digest);
  // The same for a record; its id is a reference id.
  [[nodiscard]] Status append_record_signature(std::string& out, std::string_view id,
                                               const Sha256Digest& digest);

  // Signs a whole small message and puts the Signature before the root's end tag. The message must
  // be compact and already in inclusive canonical form, from the root's start tag to its end tag;
  // an XML declaration may stand before it and is not signed. An error when it does not begin and
  // end like that.
  [[nodiscard]] Status sign_message(std::string& message);

 private:
  SignatureMaker(Signer signer, std::string tail);
  Status append(std::string& out, std::initializer_list<std::string_view> methods,
                const Sha256Digest& digest);
  Signer signer_;
  std::string tail_;  // from the end of SignatureValue on: the same for every message
  Sha256 sha_;
  std::string base64_;
};

// What a ds:Signature says, as text: base64 still encoded, names not yet compared.
struct ParsedSignature {
  std::string canonicalization_method;
  std::string signature_method;
  std::string reference_uri;
  std::vector<std::string> transforms;
  std::string digest_method;
  std::string digest_value;
  std::string signature_value;
  std::string issuer;
  std::string serial;
  std::string signed_info;  // exclusive canonical form: the bytes that are signed
};

enum class SignatureOutcome : std::uint8_t {
  ok,
  missing,  // for callers: the document has no Signature
  wrong_shape,
  algorithm_not_allowed,
  signer_unknown,  // cannot be checked: no such certificate
  signer_not_trusted,
  signer_not_yet_valid,
  signer_expired,
  signer_revoked,
  signer_revocation_unknown,  // the list that would tell is not current, or missing
  signer_usage,               // the certificate is not for signatures
  signer_role,                // of another role, or for another use, than is required
  signer_party,               // of the right role, but another party than the claimed sender
  digest_mismatch,            // the document is not the one that was signed
  value_invalid  // SignedInfo is not the one that was signed, or the value is malformed
};
[[nodiscard]] std::string_view name_of(SignatureOutcome outcome);

struct SignatureReading {
  SignatureOutcome outcome = SignatureOutcome::ok;  // ok or wrong_shape
  std::string_view why;                             // for messages; lives as long as the program
  std::size_t offset = 0;                           // in the bytes given, when XML is at fault
};

// Reads a ds:Signature from its raw bytes. Accepts any prefix for the namespace, white space
// between elements, and white space (also as character references) in base64. Everything beyond the
// pinned shape is wrong_shape: other, doubled, moved or missing elements, Object, Manifest,
// KeyValue, any attribute that the profile does not have (Id included), child elements in values,
// comments, processing instructions, CDATA, DOCTYPE.
class SignatureReader {
 public:
  // `out` keeps its memory between calls.
  [[nodiscard]] SignatureReading read(std::string_view element, const NamespaceContext& context,
                                      ParsedSignature& out);

 private:
  SmallXml xml_;
};

// Whether a Reference can name an element by this id: an ASCII letter or '_', then letters, digits,
// '.', '-' and '_', at most 255 in all.
[[nodiscard]] bool is_reference_id(std::string_view id);

// ok, wrong_shape or algorithm_not_allowed: all that can be told without keys. `record`: id of the
// record that is signed; empty: the document is.
[[nodiscard]] SignatureOutcome check_shape(const ParsedSignature& signature,
                                           std::string_view record = {});

struct RequiredSigner {
  CertificateUse use{};
  std::vector<PartyRole> roles;  // any of these
  std::optional<Eui64> party;    // the sender that the file claims, when it claims one
};

// Whether the certificate that a signature names is usable and the one that is needed.
[[nodiscard]] SignatureOutcome judge_signer(const PkiAnswer& answer,
                                            const RequiredSigner& required);

struct SignatureVerdict {
  SignatureOutcome outcome = SignatureOutcome::missing;
  const PkiEntry* signer = nullptr;  // when known; lives as long as the Pki
};

class SignatureChecker {
 public:
  explicit SignatureChecker(Tables tables = Tables::never) : verifier_(tables) {}

  // `digest` is the caller's own, over the document as received. The first thing that is wrong, in
  // the order of SignatureOutcome, is the outcome.
  [[nodiscard]] SignatureVerdict verify(const ParsedSignature& signature,
                                        const Sha256Digest& digest, const Pki& pki, UtcTime clock,
                                        const RequiredSigner& required);
  // What verify() does last, for callers that keep what they know of a signer: ok, digest_mismatch
  // or value_invalid. check_shape() has been passed.
  [[nodiscard]] SignatureOutcome verify_value(const ParsedSignature& signature,
                                              const Sha256Digest& digest, const PublicKey& key);

 private:
  Verifier verifier_;
};

}  // namespace s1flow::codecs::crypto
