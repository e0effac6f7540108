// RequestSigner, PreparedRequest and Signed Pre-Commands of codecs/duis/request.h.

#include <cstring>
#include <tuple>
#include <utility>

#include "codecs/crypto/signature_form.h"
#include "codecs/crypto/xmldsig.h"
#include "codecs/duis/put.h"
#include "codecs/duis/request_content.h"
#include "core/text.h"

namespace s1flow::codecs::duis {
namespace {

namespace form = crypto::signature_form;

constexpr std::size_t kIdChars = kEuiChars + 1 + kEuiChars + 1;  // and the counter's digits

std::size_t width_of(Slot slot, std::size_t digits) {
  switch (slot) {
    case Slot::request_id:
      return kIdChars + digits;
    case Slot::device:
      return kEuiChars;
    case Slot::execution:
    case Slot::from:
    case Slot::until:
      return kTimeChars;
  }
  return 0;
}

void put_id(char* to, const MessageId& id, std::size_t digits) {
  to = put_eui(to, id.originator);
  *to++ = ':';
  to = put_eui(to, id.target);
  *to++ = ':';
  put_decimal(to, id.counter, digits);
}

// The Signature of a request, with blank digest and value; gives their places in `out`.
std::pair<std::size_t, std::size_t> append_blank_signature(std::string& out,
                                                           std::string_view key_info) {
  for (const std::string_view part : {form::kOpen, form::kSignedInfoInPlace, form::kMethods})
    out += part;
  const std::size_t digest_at = out.size();
  out.append(form::kDigestChars, 'A');
  for (const std::string_view part : {form::kSignedInfoEnd, form::kValueOpen}) out += part;
  const std::size_t value_at = out.size();
  out.append(form::kValueChars, 'A');
  out += key_info;
  return {digest_at, value_at};
}

}  // namespace

RequestSigner::RequestSigner(crypto::Signer signer, std::string key_info)
    : signer_(std::move(signer)), key_info_(std::move(key_info)) {
  signed_info_.update(form::kSignedInfoAlone);
  signed_info_.update(form::kMethods);
}

Result<RequestSigner> RequestSigner::make(const crypto::Certificate& certificate,
                                          const crypto::PrivateKey& key) {
  S1FLOW_TRY(crypto::Signer signer, crypto::make_xml_signer(certificate, key));
  return RequestSigner(std::move(signer), crypto::key_info_of(certificate));
}

Status RequestSigner::sign(const crypto::Sha256Digest& document, char* digest_value,
                           char* signature_value) {
  put_base64(digest_value, document);
  crypto::Sha256State state = signed_info_;
  state.update({digest_value, form::kDigestChars});
  state.update(form::kSignedInfoEnd);
  S1FLOW_TRY(const crypto::EcdsaSignature value, signer_.sign_digest(state.finish()));
  put_base64(signature_value, value);
  return {};
}

PreparedRequest::PreparedRequest(RequestTemplate form) : form_(std::move(form)) {}
PreparedRequest::PreparedRequest(RequestTemplate form, RequestSigner& signer)
    : form_(std::move(form)), signer_(&signer) {}

void PreparedRequest::lay_out(std::size_t digits) {
  const RequestTemplate::Content& content = form_.content();
  digits_ = digits;
  image_.clear();
  places_.clear();
  for (const auto& piece : content.pieces) {
    image_ += piece.before;
    places_.push_back({static_cast<std::uint8_t>(piece.slot), image_.size()});
    image_.append(width_of(piece.slot, digits), '0');
  }
  image_ += content.after;
  body_end_ = image_.size();
  if (signer_ != nullptr)
    std::tie(digest_at_, value_at_) = append_blank_signature(image_, signer_->key_info());
  image_ += kRequestClose;
  first_place_ = places_.front().offset;
  prefix_ = {};
  prefix_.update(std::string_view(image_).substr(0, first_place_));
}

std::string_view PreparedRequest::patch(const RequestValues& values) {
  const std::size_t digits = decimal_digits(values.id.counter);
  if (digits != digits_) lay_out(digits);
  const Eui64 device = values.device.empty() ? values.id.target : values.device;
  for (const Place& place : places_) {
    char* const to = image_.data() + place.offset;
    switch (static_cast<Slot>(place.slot)) {
      case Slot::request_id:
        put_id(to, values.id, digits);
        break;
      case Slot::device:
        put_eui(to, device);
        break;
      case Slot::execution:
        put_time(to, values.execution);
        break;
      case Slot::from:
        put_time(to, values.from);
        break;
      case Slot::until:
        put_time(to, values.until);
        break;
    }
  }
  return image_;
}

Result<std::string_view> PreparedRequest::make(const RequestValues& values) {
  const std::string_view image = patch(values);
  if (signer_ == nullptr) return image;
  crypto::Sha256State document = prefix_;
  document.update(image.substr(first_place_, body_end_ - first_place_));
  document.update(kRequestClose);
  S1FLOW_TRY_VOID(
      signer_->sign(document.finish(), image_.data() + digest_at_, image_.data() + value_at_));
  return std::string_view(image_);
}

Result<std::size_t> PreparedRequest::write(const RequestValues& values, std::span<char> to) {
  S1FLOW_TRY(const std::string_view image, make(values));
  if (image.size() > to.size())
    return tl::unexpected(usage_error("a request of " + std::to_string(image.size()) +
                                      " bytes does not fit into " + std::to_string(to.size())));
  std::memcpy(to.data(), image.data(), image.size());
  return image.size();
}

std::size_t PreparedRequest::most_bytes() const {
  constexpr std::size_t kMostDigits = 20;
  const RequestTemplate::Content& content = form_.content();
  std::size_t bytes = content.after.size() + kRequestClose.size();
  for (const auto& piece : content.pieces)
    bytes += piece.before.size() + width_of(piece.slot, kMostDigits);
  if (signer_ != nullptr)
    bytes += form::kOpen.size() + form::kSignedInfoInPlace.size() + form::kMethods.size() +
             form::kDigestChars + form::kSignedInfoEnd.size() + form::kValueOpen.size() +
             form::kValueChars + signer_->key_info().size();
  return bytes;
}

Status append_signed_pre_command(std::string& out, RequestSigner& signer,
                                 const ServiceReferenceVariant& srv, const RequestValues& values,
                                 std::span<const unsigned char> gbcs_payload,
                                 const RequestOptions& options) {
  const unsigned variant = options.command_variant;
  if (!srv.critical || variant == 4 || !srv.command_variants.has(variant))
    return tl::unexpected(usage_error("SRV " + std::string(srv.variant) +
                                      " has no Signed Pre-Command of Command Variant " +
                                      std::to_string(variant)));
  const std::size_t start = out.size();
  out +=
      "<sr:Request xmlns:sr=\"http://www.dccinterface.co.uk/ServiceUserGateway\""
      " schemaVersion=\"5.4\"><sr:Header><sr:RequestID>";
  values.id.append_to(out);
  out += "</sr:RequestID><sr:CommandVariant>";
  append_decimal(out, variant);
  out += "</sr:CommandVariant><sr:ServiceReference>";
  out += srv.reference;
  out += "</sr:ServiceReference><sr:ServiceReferenceVariant>";
  out += srv.variant;
  out += "</sr:ServiceReferenceVariant></sr:Header><sr:Body><sr:SignedPreCommand>";
  if (options.dating == Dating::future_dated) {
    out += "<sr:ExecutionDateTime>";
    out.append(kTimeChars, '0');
    put_time(out.data() + out.size() - kTimeChars, values.execution);
    out += "</sr:ExecutionDateTime>";
  }
  out += "<sr:GBCSPayload>";
  append_base64(out, gbcs_payload);
  out += "</sr:GBCSPayload></sr:SignedPreCommand></sr:Body>";
  crypto::Sha256State document;
  document.update(std::string_view(out).substr(start));
  document.update(kRequestClose);
  const auto [digest_at, value_at] = append_blank_signature(out, signer.key_info());
  if (auto status = signer.sign(document.finish(), out.data() + digest_at, out.data() + value_at);
      !status) {
    out.resize(start);
    return status;
  }
  out += kRequestClose;
  return {};
}

}  // namespace s1flow::codecs::duis
