// scan_message and MessageReader of codecs/duis/message.h: one interpretation for both.

#include "codecs/duis/message.h"

#include <array>
#include <limits>

#include "codecs/duis/element_walk.h"
#include "core/text.h"

namespace s1flow::codecs::duis {
namespace {

constexpr Space kSr = Space::service_user;

constexpr std::array<std::string_view, kPayloads> kPayloadElements{"",
                                                                   "CINMessage",
                                                                   "DSPInventory",
                                                                   "DSPOptIn",
                                                                   "DSPSchedulesRead",
                                                                   "DSPScheduledMessage",
                                                                   "DSPScheduleID",
                                                                   "DSPUpdateFirmwareWarning",
                                                                   "DSPUpdatePPMIDFirmwareWarning",
                                                                   "DSPWANMatrix",
                                                                   "FutureDatedDeviceAlertMessage",
                                                                   "GBCSPayload",
                                                                   "LocalCommand",
                                                                   "PreCommand"};

// Reads one message; every step gives false when something does not fit.
class Interpreter {
 public:
  Interpreter(std::string_view bytes, TagSource source, Message& out)
      : walk_(bytes, source), out_(out) {}

  bool run() {
    out_ = {};
    if (!enter_root() || !header() || !walk_.enter(kSr, "Body") || !body() || !walk_.leave())
      return false;
    if (walk_.next_is(Space::signature, "Signature")) {
      out_.is_signed = true;
      if (!walk_.pass()) return false;
    }
    return walk_.leave() && walk_.finish();
  }

 private:
  bool enter_root() {
    const TagScanner& scan = walk_.scanner();
    if (!walk_.next_is(kSr, "Response") || scan.attribute_count() != 1 ||
        scan.attribute(0).name != "schemaVersion" || !is_version(scan.attribute(0).value))
      return false;
    return walk_.enter(kSr, "Response", true);
  }
  static bool is_version(std::string_view text) {
    const std::size_t dot = text.find('.');
    return all_digits(text.substr(0, dot)) &&
           (dot == std::string_view::npos || all_digits(text.substr(dot + 1)));
  }

  bool id(std::string_view name, std::optional<MessageId>& id) {
    std::optional<std::string_view> text;
    if (!walk_.optional_text(kSr, name, text)) return false;
    if (!text) return true;
    id = MessageId::parse(*text);
    return id.has_value();
  }

  bool header() {
    std::string_view code;
    std::string_view time;
    if (!walk_.enter(kSr, "Header") || !id("RequestID", out_.request) ||
        !id("ResponseID", out_.response) || !walk_.text(kSr, "ResponseCode", code) ||
        !walk_.text(kSr, "ResponseDateTime", time) || !walk_.leave())
      return false;
    const auto known = ResponseCode::parse(code);
    const auto at = parse_duis_time(time);
    if (!known || !at) return false;
    out_.code = *known;
    out_.at = *at;
    return true;
  }

  bool body() {
    if (walk_.next_is(kSr, "ResponseMessage")) return response();
    if (walk_.next_is(kSr, "DeviceAlertMessage")) return device_alert();
    if (walk_.next_is(kSr, "DCCAlertMessage")) return dcc_alert();
    return smets1();
  }

  bool srv(Space space) {
    std::string_view reference;
    std::string_view variant;
    if (!walk_.text(space, "ServiceReference", reference) ||
        !walk_.text(space, "ServiceReferenceVariant", variant))
      return false;
    out_.srv = find_srv(variant);
    return out_.srv != nullptr && out_.srv->reference == reference;
  }

  bool response() {
    if (!out_.request || !walk_.enter(kSr, "ResponseMessage") || !srv(kSr)) return false;
    if (!walk_.peek().empty() && !payload()) return false;
    if (out_.response)
      out_.kind = MessageKind::service_response;
    else if (out_.payload != Payload::none || out_.code == response_code::kI0)
      out_.kind = MessageKind::answer;
    else
      out_.kind = MessageKind::acknowledgement;
    return walk_.leave();
  }

  bool payload() {
    for (std::size_t i = 1; i < kPayloadElements.size(); ++i)
      if (walk_.next_is(kSr, kPayloadElements[i])) out_.payload = static_cast<Payload>(i);
    switch (out_.payload) {
      case Payload::none:
        return false;
      case Payload::gbcs_payload:
        return gbcs();
      case Payload::dsp_schedule_id:
        return schedule_id();
      case Payload::local_command:
        return walk_.enter(kSr, "LocalCommand") && gbcs() && walk_.leave();
      case Payload::cin_message:
        return walk_.enter(kSr, "CINMessage") && gbcs() &&
               ignored("CustomerIdentificationNumber") && walk_.leave();
      case Payload::pre_command:
        return walk_.enter(kSr, "PreCommand") && ignored("GBCSVersion") && gbcs() && walk_.leave();
      case Payload::dsp_scheduled_message:
        return walk_.enter(kSr, "DSPScheduledMessage") && gbcs() && schedule_id() && walk_.leave();
      case Payload::future_dated_device_alert:
        return walk_.enter(kSr, "FutureDatedDeviceAlertMessage") &&
               alert_code("FutureDatedAlertCode") && gbcs() &&
               number("InstructionNumber", out_.instruction) &&
               number("TotalCommandInstructions", out_.instructions) && walk_.leave();
      default:
        return walk_.pass();
    }
  }

  bool ignored(std::string_view name) {
    std::string_view text;
    return walk_.text(kSr, name, text);
  }
  // References in it are for the reader to take out.
  bool gbcs() { return walk_.text(kSr, "GBCSPayload", out_.gbcs_payload); }
  bool schedule_id() {
    std::string_view text;
    if (!walk_.text(kSr, "DSPScheduleID", text)) return false;
    return set_schedule(text);
  }
  bool set_schedule(std::string_view text) {
    out_.schedule_id = parse_decimal(text);
    return out_.schedule_id.has_value();
  }
  template <typename Number>
  bool number(std::string_view name, Number& out) {
    std::string_view text;
    if (!walk_.text(kSr, name, text)) return false;
    const auto value = parse_decimal(text);
    if (!value || *value > std::numeric_limits<Number>::max()) return false;
    out = static_cast<Number>(*value);
    return true;
  }
  bool alert_code(std::string_view name) {
    std::string_view& code = out_.device_alert_code;
    if (!walk_.text(kSr, name, code) || code.empty() || code.size() % 2 != 0) return false;
    for (const char c : code)
      if (hex_value(c) < 0) return false;
    return true;
  }

  bool throttling() {
    Throttling pair{0, 1};
    bool some = false;
    if (walk_.next_is(kSr, "ThrottledAlertSequenceId")) {
      some = true;
      if (!number("ThrottledAlertSequenceId", pair.sequence_id)) return false;
    }
    if (walk_.next_is(kSr, "ThrottledAlertCount")) {
      some = true;
      if (!number("ThrottledAlertCount", pair.count)) return false;
    }
    if (some) out_.throttling = pair;
    return walk_.ok();
  }

  bool device_alert() {
    out_.kind = MessageKind::device_alert;
    return walk_.enter(kSr, "DeviceAlertMessage") && alert_code("AlertCode") && throttling() &&
           gbcs() && walk_.leave();
  }

  bool dcc_alert() {
    out_.kind = MessageKind::dcc_alert;
    std::string_view code;
    if (!walk_.enter(kSr, "DCCAlertMessage") || !walk_.text(kSr, "DCCAlertCode", code) ||
        !throttling() || !walk_.enter(kSr, "DCCAlert"))
      return false;
    const auto known = DccAlertCode::parse(code);
    const auto kind = parse_dcc_alert_body(walk_.peek());
    if (!known || !kind || walk_.scanner().space() != kSr) return false;
    out_.dcc_alert = *known;
    out_.dcc_body = *kind;
    return alert_body() && walk_.leave() && walk_.leave();
  }

  // The first device and the first request that the body names.
  bool alert_body() {
    bool good = true;
    const bool passed = walk_.visit([&](std::string_view name, std::string_view text) {
      if (name == "DSPScheduleID") {
        good = good && set_schedule(text);
      } else if (name.ends_with("RequestID") || name == "AlertID") {
        if (out_.subject) return;
        out_.subject = MessageId::parse(text);
        good = good && out_.subject.has_value();
      } else if (name.ends_with("DeviceID")) {
        if (!out_.device.empty()) return;
        const auto device = Eui64::parse(text);
        good = good && device.has_value();
        if (device) out_.device = *device;
      }
    });
    return passed && good;
  }

  bool smets1() {
    if (!walk_.enter(kSr, "SMETS1ResponseMessage")) return false;
    if (walk_.next_is(kSr, "ServiceReference") && !srv(kSr)) return false;
    if (walk_.next_is(kSr, "DSPScheduleID") && !schedule_id()) return false;
    if (!throttling() || !walk_.enter(kSr, "SMETS1SignedResponse", true) ||
        !walk_.enter(kSr, "SMETS1Response") || !walk_.next_is(kSr, "Header") || !walk_.pass() ||
        !walk_.enter(kSr, "Body"))
      return false;
    if (walk_.next_is(kSr, "ResponseMessage"))
      out_.kind = MessageKind::smets1_response;
    else if (walk_.next_is(kSr, "DeviceAlertMessage"))
      out_.kind = MessageKind::smets1_device_alert;
    else
      return false;
    return walk_.pass() && walk_.leave() && walk_.leave() &&
           walk_.next_is(Space::signature, "Signature") && walk_.pass() && walk_.leave() &&
           walk_.leave();
  }

  ElementWalk walk_;
  Message& out_;
};

}  // namespace

std::string_view name_of(MessageKind kind) {
  constexpr std::array<std::string_view, kMessageKinds> kNames{
      "acknowledgement", "answer",          "service response",   "device alert",
      "DCC alert",       "SMETS1 response", "SMETS1 device alert"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view element_of(Payload payload) {
  return kPayloadElements[static_cast<std::size_t>(payload)];
}

bool scan_message(std::string_view bytes, Message& out) {
  if (bytes.size() > MessageReader::kMostBytes) return false;
  return Interpreter(bytes, TagSource::any, out).run() &&
         out.gbcs_payload.find('&') == std::string_view::npos;
}

ReadOutcome MessageReader::read(std::string_view bytes, Message& out) {
  const ReadOutcome outcome = xml_.normalise(bytes, most_bytes_);
  why_ = xml_.why();
  if (outcome != ReadOutcome::ok) return outcome;
  if (!Interpreter(xml_.text(), TagSource::canonical, out).run()) {
    why_ = "it is no sr:Response of the published shape";
    return ReadOutcome::not_duis;
  }
  if (out.gbcs_payload.find('&') != std::string_view::npos) {
    // Base64 whose lines end with carriage returns: white space, as far as it goes.
    payload_.clear();
    for (std::string_view rest = out.gbcs_payload; !rest.empty();) {
      const std::size_t at = rest.find("&#xD;");
      payload_ += rest.substr(0, at);
      rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 5);
    }
    out.gbcs_payload = payload_;
  }
  return ReadOutcome::ok;
}

}  // namespace s1flow::codecs::duis
