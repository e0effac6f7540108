// ResponseWriter of codecs/duis/response.h, except for the bodies of DCC Alerts.

#include "codecs/duis/response.h"

#include <utility>

#include "codecs/crypto/xml_characters.h"
#include "codecs/duis/xml_out.h"

namespace s1flow::codecs::duis {
namespace {

constexpr std::uint64_t kMostScheduleId = 1000000000000ULL;
constexpr std::size_t kMostName = 30;  // DeviceManufacturer and DeviceModel

bool is_short_text(std::string_view text, std::size_t most) {
  return text.size() <= most && crypto::find_non_xml_character(text) == std::string_view::npos;
}

Status check_schedule(std::uint64_t id) {
  if (id > kMostScheduleId) return tl::unexpected(usage_error("the schedule id is too large"));
  return {};
}

// Writes each kind of payload after the Service Reference.
struct PayloadWriter {
  std::string& out;

  Status operator()(const NoPayload&) const { return {}; }
  Status operator()(const GbcsPayload& p) const {
    base64_element(out, "GBCSPayload", p.bytes);
    return {};
  }
  Status operator()(const PreCommandPayload& p) const {
    if (!is_short_text(p.gbcs_version, kMostName))
      return tl::unexpected(usage_error("a GBCS version is at most 30 bytes of XML text"));
    element(out, "PreCommand", [&] {
      text_element(out, "GBCSVersion", p.gbcs_version);
      base64_element(out, "GBCSPayload", p.bytes);
    });
    return {};
  }
  Status operator()(const LocalCommandPayload& p) const {
    element(out, "LocalCommand", [&] { base64_element(out, "GBCSPayload", p.bytes); });
    return {};
  }
  Status operator()(const ScheduledPayload& p) const {
    S1FLOW_TRY_VOID(check_schedule(p.schedule_id));
    element(out, "DSPScheduledMessage", [&] {
      base64_element(out, "GBCSPayload", p.bytes);
      number_element(out, "DSPScheduleID", p.schedule_id);
    });
    return {};
  }
  Status operator()(const ScheduleIdPayload& p) const {
    S1FLOW_TRY_VOID(check_schedule(p.schedule_id));
    number_element(out, "DSPScheduleID", p.schedule_id);
    return {};
  }
  Status operator()(const FutureDatedAlertPayload& p) const {
    element(out, "FutureDatedDeviceAlertMessage", [&] {
      text_element(out, "FutureDatedAlertCode", p.executed ? "8F66" : "8F67");
      base64_element(out, "GBCSPayload", p.bytes);
      number_element(out, "InstructionNumber", p.instruction);
      number_element(out, "TotalCommandInstructions", p.instructions);
    });
    return {};
  }
  Status operator()(const InventoryPayload& p) const {
    if (p.devices.empty() || p.devices.size() > InventoryPayload::kMostDevices)
      return tl::unexpected(usage_error("an inventory names 1 to 17 devices"));
    open(out, "DSPInventory");
    for (const InventoryDevice& d : p.devices) {
      if (!is_short_text(d.manufacturer, kMostName) || !is_short_text(d.model, kMostName) ||
          !is_short_text(d.status, kMostName))
        return tl::unexpected(usage_error("a device's texts have at most 30 bytes of XML text"));
      element(out, "Device", [&] {
        value_element(out, "DeviceID", d.device);
        text_element(out, "DeviceType", name_of(d.type));
        if (!d.status.empty()) text_element(out, "DeviceStatus", d.status);
        text_element(out, "DeviceManufacturer", d.manufacturer);
        text_element(out, "DeviceModel", d.model);
      });
    }
    close(out, "DSPInventory");
    return {};
  }
};

}  // namespace

ResponseWriter::ResponseWriter(std::optional<crypto::SignatureMaker> dcc,
                               std::optional<crypto::SignatureMaker> s1sp)
    : alerts_(std::move(dcc), std::move(s1sp)) {}

Status ResponseWriter::append_response(std::string& out, const ResponseHeader& header,
                                       const ServiceReferenceVariant& srv,
                                       const ResponsePayload& payload, OuterSignature signature) {
  const FrameHeader frame{&header.request, header.response ? &*header.response : nullptr,
                          header.code, header.at};
  return alerts_.framer().append(out, frame, signature, [&]() -> Status {
    open(out, "ResponseMessage");
    text_element(out, "ServiceReference", srv.reference);
    text_element(out, "ServiceReferenceVariant", srv.variant);
    S1FLOW_TRY_VOID(std::visit(PayloadWriter{out}, payload));
    close(out, "ResponseMessage");
    return {};
  });
}

Status ResponseWriter::append_acknowledgement(std::string& out, const MessageId& request,
                                              const ServiceReferenceVariant& srv, ResponseCode code,
                                              UtcTime at, OuterSignature signature) {
  return append_response(out, {request, std::nullopt, code, at}, srv, NoPayload{}, signature);
}

Status ResponseWriter::append_device_alert(std::string& out, const AlertHeader& header,
                                           const DeviceAlert& alert, OuterSignature signature) {
  const FrameHeader frame{.response = header.response_id ? &*header.response_id : nullptr,
                          .at = header.at};
  return alerts_.framer().append(out, frame, signature, [&]() -> Status {
    element(out, "DeviceAlertMessage", [&] {
      element(out, "AlertCode", [&] {
        const std::array<unsigned char, 2> code{static_cast<unsigned char>(alert.code >> 8),
                                                static_cast<unsigned char>(alert.code)};
        append_hex(out, code);
      });
      append_throttling(out, header.throttling);
      base64_element(out, "GBCSPayload", alert.bytes);
    });
    return {};
  });
}

}  // namespace s1flow::codecs::duis
