#include "codecs/duis/message_framer.h"

#include <utility>

#include "codecs/duis/xml_out.h"

namespace s1flow::codecs::duis {
namespace {

constexpr std::string_view kOpen =
    "<sr:Response xmlns:sr=\"http://www.dccinterface.co.uk/ServiceUserGateway\""
    " schemaVersion=\"5.4\">";
constexpr std::string_view kClose = "</sr:Response>";

}  // namespace

MessageFramer::MessageFramer(std::optional<crypto::SignatureMaker> dcc) : dcc_(std::move(dcc)) {}

Status MessageFramer::begin(std::string& out, const FrameHeader& header, OuterSignature signature) {
  if (signature == OuterSignature::yes && !dcc_)
    return tl::unexpected(usage_error("there is no key of the DCC to sign the message with"));
  out += kOpen;
  element(out, "Header", [&] {
    if (header.request != nullptr) value_element(out, "RequestID", *header.request);
    if (header.response != nullptr) value_element(out, "ResponseID", *header.response);
    text_element(out, "ResponseCode", header.code.text());
    time_element(out, "ResponseDateTime", header.at);
  });
  open(out, "Body");
  return {};
}

Status MessageFramer::end(std::string& out, std::size_t start, OuterSignature signature) {
  close(out, "Body");
  if (signature == OuterSignature::yes) {
    crypto::Sha256State digest;
    digest.update(std::string_view(out).substr(start));
    digest.update(kClose);
    S1FLOW_TRY_VOID(dcc_->append_signature(out, digest.finish()));
  }
  out += kClose;
  return {};
}

}  // namespace s1flow::codecs::duis
