#include "codecs/duis/request_reading.h"

#include "codecs/duis/element_walk.h"
#include "core/text.h"

namespace s1flow::codecs::duis {
namespace {

constexpr Space kSr = Space::service_user;

class Reader {
 public:
  Reader(std::string_view bytes, TagSource source, RequestVerdict& verdict)
      : walk_(bytes, source), verdict_(verdict) {}

  RequestReading run() {
    const TagScanner& scan = walk_.scanner();
    if (!walk_.next_is(kSr, "Request") || scan.attribute_count() != 1 ||
        scan.attribute(0).name != "schemaVersion")
      return fault(RequestFault::not_a_request, "the root is no sr:Request with a schemaVersion");
    // What is declared besides sr matters where the signature is cut out.
    if (scan.binding_count() != 1 || scan.binding(0).prefix != "sr")
      for (std::size_t i = 0; i < scan.binding_count(); ++i)
        reading_.place.context.emplace_back(scan.binding(i).prefix, scan.binding(i).uri);
    if (!walk_.enter(kSr, "Request", true) || !walk_.next_is(kSr, "Header"))
      return fault(RequestFault::not_a_request, "there is no Header");
    if (const auto why = header(); !why.empty()) return fault(RequestFault::header, why);
    verdict_.has_header = true;
    if (!walk_.next_is(kSr, "Body"))
      return fault(RequestFault::not_a_request, "there is no Body after the Header");
    if (!body()) return fault(RequestFault::body, "the Body is not that of the variant");
    // The one after the Body has been met already.
    if (walk_.signatures() != (walk_.next_is(Space::signature, "Signature") ? 1U : 0U))
      return fault(RequestFault::body, "there is a Signature inside the Body");
    return end();
  }

 private:
  RequestReading fault(RequestFault fault, std::string_view why) {
    reading_.fault = fault;
    reading_.why = why;
    return std::move(reading_);
  }

  std::string_view header() {
    std::string_view id;
    std::optional<std::string_view> first;
    std::optional<std::string_view> preceding;
    std::string_view variant;
    std::string_view reference;
    std::string_view srv;
    if (!walk_.enter(kSr, "Header") || !walk_.text(kSr, "RequestID", id) ||
        !walk_.optional_text(kSr, "FirstInSequence", first) ||
        !walk_.optional_text(kSr, "PrecedingServiceRequestID", preceding) ||
        !walk_.text(kSr, "CommandVariant", variant) ||
        !walk_.text(kSr, "ServiceReference", reference) ||
        !walk_.text(kSr, "ServiceReferenceVariant", srv) || !walk_.leave())
      return "the Header has not the published elements";
    const auto parsed = MessageId::parse(id);
    if (!parsed) return "the RequestID is malformed";
    if (first && *first != "true" && *first != "false" && *first != "1" && *first != "0")
      return "FirstInSequence is no boolean";
    if (preceding && !MessageId::parse(*preceding))
      return "the PrecedingServiceRequestID is malformed";
    if (variant.size() != 1 || variant[0] < '1' || variant[0] > '9')
      return "there is no such Command Variant";
    verdict_.srv = find_srv(srv);
    if (verdict_.srv == nullptr) return "there is no such Service Reference Variant";
    if (verdict_.srv->reference != reference)
      return "Service Reference and Variant do not go together";
    verdict_.id = *parsed;
    verdict_.command_variant = static_cast<unsigned>(variant[0] - '0');
    return {};
  }

  bool execution() {
    std::optional<std::string_view> time;
    if (!walk_.optional_text(kSr, "ExecutionDateTime", time)) return false;
    if (time) verdict_.execution = parse_duis_time(*time);
    return !time || verdict_.execution;
  }

  bool body() {
    if (!walk_.enter(kSr, "Body")) return false;
    if (walk_.next_is(kSr, "SignedPreCommand")) {
      verdict_.signed_pre_command = true;
      return walk_.enter(kSr, "SignedPreCommand") && execution() &&
             walk_.text(kSr, "GBCSPayload", verdict_.gbcs_payload) && walk_.leave() &&
             walk_.leave();
    }
    return walk_.enter(kSr, verdict_.srv->body, true) && execution() && walk_.leave_the_rest() &&
           walk_.leave();
  }

  RequestReading end() {
    if (walk_.next_is(Space::signature, "Signature")) {
      reading_.has_signature = true;
      reading_.place.begin = walk_.here();
      if (!walk_.pass()) return fault(RequestFault::signature, "the Signature is malformed");
      reading_.place.end = walk_.passed();
      if (walk_.next_is(Space::signature, "Signature")) {
        verdict_.signature = crypto::SignatureOutcome::wrong_shape;
        return fault(RequestFault::signature, "there is more than one Signature");
      }
    }
    if (!walk_.leave() || !walk_.finish())
      return fault(RequestFault::not_a_request, "there is more in it than Header, Body, Signature");
    reading_.canonical = walk_.scanner().canonical();
    return std::move(reading_);
  }

  ElementWalk walk_;
  RequestVerdict& verdict_;
  RequestReading reading_;
};

}  // namespace

RequestReading read_request(std::string_view bytes, TagSource source, RequestVerdict& verdict) {
  return Reader(bytes, source, verdict).run();
}

}  // namespace s1flow::codecs::duis
