// SignatureMaker of codecs/crypto/xmldsig.h.

#include <utility>

#include "codecs/crypto/signature_form.h"
#include "codecs/crypto/xmldsig.h"
#include "core/check.h"
#include "core/text.h"

namespace s1flow::codecs::crypto {
namespace {

using namespace signature_form;  // NOLINT: the pieces of one text

Error not_a_message() {
  return usage_error(
      "a message to sign must be one compact element from its start tag to its end tag");
}

}  // namespace

SignatureMaker::SignatureMaker(Signer signer, std::string tail)
    : signer_(std::move(signer)), tail_(std::move(tail)) {}

Result<Signer> make_xml_signer(const Certificate& certificate, const PrivateKey& key) {
  if (certificate.empty() || key.type() == KeyType::none)
    return tl::unexpected(usage_error("signing needs a certificate and its private key"));
  if (!(certificate.public_key() == key.public_key()))
    return tl::unexpected(usage_error("the private key does not belong to the certificate"));
  if (!certificate.key_usage().digital_signature)
    return tl::unexpected(usage_error("the certificate's key usage does not allow signatures"));
  return Signer::make(key);
}

Result<SignatureMaker> SignatureMaker::make(const Certificate& certificate, const PrivateKey& key) {
  S1FLOW_TRY(Signer signer, make_xml_signer(certificate, key));
  return SignatureMaker(std::move(signer), key_info_of(certificate));
}

std::string key_info_of(const Certificate& certificate) {
  std::string tail(kKeyInfoOpen);
  append_canonical_text(tail, certificate.issuer().text());
  tail += kSerialOpen;
  certificate.serial().append_decimal_to(tail);
  tail += kClose;
  return tail;
}

Status SignatureMaker::append_signature(std::string& out, const Sha256Digest& digest) {
  return append(out, {kMethods}, digest);
}

Status SignatureMaker::append_record_signature(std::string& out, std::string_view id,
                                               const Sha256Digest& digest) {
  S1FLOW_CHECK(is_reference_id(id));
  return append(out, {kRecordMethods, id, kRecordTransforms}, digest);
}

Status SignatureMaker::append(std::string& out, std::initializer_list<std::string_view> methods,
                              const Sha256Digest& digest) {
  base64_.clear();
  append_base64(base64_, digest);
  sha_.update(kSignedInfoAlone);
  for (const std::string_view part : methods) sha_.update(part);
  sha_.update(std::string_view(base64_));
  sha_.update(kSignedInfoEnd);
  S1FLOW_TRY(const EcdsaSignature value, signer_.sign_digest(sha_.finish()));
  out += kOpen;
  out += kSignedInfoInPlace;
  for (const std::string_view part : methods) out += part;
  for (const std::string_view part : {std::string_view(base64_), kSignedInfoEnd, kValueOpen})
    out += part;
  append_base64(out, value);
  out += tail_;
  return {};
}

Status SignatureMaker::sign_message(std::string& message) {
  std::size_t begin = 0;
  if (message.starts_with("<?xml")) {
    begin = message.find("?>");
    if (begin == std::string::npos) return tl::unexpected(not_a_message());
    begin += 2;
    if (begin < message.size() && message[begin] == '\n') ++begin;
  }
  const std::string_view element = std::string_view(message).substr(begin);
  const std::size_t name_end = element.find_first_of(" >");
  const std::size_t last_tag = element.rfind("</");
  if (!element.starts_with('<') || element.starts_with("<!") || element.starts_with("<?") ||
      name_end == std::string_view::npos || last_tag == std::string_view::npos)
    return tl::unexpected(not_a_message());
  const std::string_view name = element.substr(1, name_end - 1);
  const std::string_view end_tag = element.substr(last_tag);
  if (end_tag.size() != name.size() + 3 || end_tag.substr(2, name.size()) != name ||
      end_tag.back() != '>')
    return tl::unexpected(not_a_message());
  sha_.update(element);
  const Sha256Digest digest = sha_.finish();
  const std::string tag(end_tag);
  message.resize(message.size() - tag.size());
  Status status = append_signature(message, digest);
  message += tag;
  return status;
}

}  // namespace s1flow::codecs::crypto
