#pragma once
// Writer of what the DCC sends: acknowledgements, synchronous answers, Service Responses, Device
// Alerts and DCC Alerts of every code. Each message is one line of canonical XML without an XML
// declaration, appended to a string of the caller; what is appended is schema-valid.
//
// One writer per worker, reused: beside the output it allocates nothing of its own. Not
// thread-safe.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "codecs/crypto/xmldsig.h"
#include "codecs/duis/alerts.h"
#include "codecs/duis/dcc_alert_code.h"
#include "codecs/duis/message_id.h"
#include "codecs/duis/response_code.h"
#include "core/calendar.h"
#include "core/srv_table.h"

namespace s1flow::codecs::duis {

struct ResponseHeader {
  MessageId request;
  std::optional<MessageId> response;  // usually request.answered(); acknowledgements have none
  ResponseCode code;
  UtcTime at;
};

// Payloads of ResponseMessage. GBCS bytes are raw; they are written in base64.
struct NoPayload {};
struct GbcsPayload {
  std::span<const unsigned char> bytes;
};
struct PreCommandPayload {
  std::string_view gbcs_version;
  std::span<const unsigned char> bytes;
};
struct LocalCommandPayload {
  std::span<const unsigned char> bytes;
};
struct ScheduledPayload {
  std::span<const unsigned char> bytes;
  std::uint64_t schedule_id = 0;
};
struct ScheduleIdPayload {
  std::uint64_t schedule_id = 0;
};
struct FutureDatedAlertPayload {
  bool executed = true;  // alert code 8F66, or 8F67 when it was not
  std::span<const unsigned char> bytes;
  std::uint16_t instruction = 1;
  std::uint16_t instructions = 1;
};
struct InventoryDevice {
  Eui64 device;
  DeviceType type{};
  std::string_view status;  // of the schema's list; left out when empty
  std::string_view manufacturer;
  std::string_view model;
};
struct InventoryPayload {
  static constexpr std::size_t kMostDevices = 17;
  std::span<const InventoryDevice> devices;
};
using ResponsePayload =
    std::variant<NoPayload, GbcsPayload, PreCommandPayload, LocalCommandPayload, ScheduledPayload,
                 ScheduleIdPayload, FutureDatedAlertPayload, InventoryPayload>;

struct DeviceAlert {
  std::uint16_t code = 0;  // 8F1D and the like
  std::span<const unsigned char> bytes;
};

// What a DCC Alert is about, for codes without a body of their own above: each body takes from it
// what its elements need, and the rest of the elements have fixed harmless values.
struct DccAlertSubject {
  Eui64 device;
  Eui64 other_device;  // a hub, a replaced device; the device when empty
  MessageId request;
  Mpxn mpxn;  // 1200023305967 when empty
  UtcTime at;
};

class ResponseWriter {
 public:
  // `dcc` signs whole messages, `s1sp` what is inside N55; a writer without one of them refuses
  // what needs it.
  ResponseWriter(std::optional<crypto::SignatureMaker> dcc,
                 std::optional<crypto::SignatureMaker> s1sp);

  // Each appends one message, or gives an error and leaves `out` as it was.
  [[nodiscard]] Status append_response(std::string& out, const ResponseHeader& header,
                                       const ServiceReferenceVariant& srv,
                                       const ResponsePayload& payload, OuterSignature signature);
  [[nodiscard]] Status append_acknowledgement(std::string& out, const MessageId& request,
                                              const ServiceReferenceVariant& srv, ResponseCode code,
                                              UtcTime at, OuterSignature signature);
  [[nodiscard]] Status append_device_alert(std::string& out, const AlertHeader& header,
                                           const DeviceAlert& alert, OuterSignature signature);
  // Any code, with the body of the table or another.
  [[nodiscard]] Status append_dcc_alert(std::string& out, const AlertHeader& header,
                                        DccAlertCode code, const DccAlertSubject& subject,
                                        OuterSignature signature);
  [[nodiscard]] Status append_dcc_alert(std::string& out, const AlertHeader& header,
                                        DccAlertCode code, DccAlertBody body,
                                        const DccAlertSubject& subject, OuterSignature signature);

  // N16, N24, N42 and N55 with every field.
  [[nodiscard]] AlertWriter& alerts() { return alerts_; }

 private:
  Status append_body(std::string& out, DccAlertBody body, const DccAlertSubject& subject);

  AlertWriter alerts_;
};

}  // namespace s1flow::codecs::duis
