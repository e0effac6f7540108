#pragma once
// What a receiver needs to know of a DUIS response, acknowledgement or alert: the parts to match,
// count and judge by. Two ways to it, which agree wherever the first one speaks:
//
//   scan_message    a single pass over the usual layout (what the DCC's samples and s1flow write),
//                   without a tree, without allocation. It declines, with no verdict, on anything
//                   unusual: then ask the reader
//   MessageReader   libxml2 makes the canonical form, then the same pass over it; its verdict
//                   stands
//
// Neither looks at a signature (signed_message.h does).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "codecs/duis/alerts.h"
#include "codecs/duis/dcc_alert_code.h"
#include "codecs/duis/message_id.h"
#include "codecs/duis/response_code.h"
#include "codecs/duis/xml_normaliser.h"
#include "core/calendar.h"
#include "core/srv_table.h"

namespace s1flow::codecs::duis {

enum class MessageKind : std::uint8_t {
  acknowledgement,   // RequestID, no ResponseID, no payload: I99, or the code of a refusal
  answer,            // RequestID, no ResponseID, payload or I0: synchronous, from the DCC itself
  service_response,  // RequestID and ResponseID
  device_alert,
  dcc_alert,
  smets1_response,  // SMETS1ResponseMessage: a response or device alert signed by the S1SP within
  smets1_device_alert
};
inline constexpr std::size_t kMessageKinds = 7;
[[nodiscard]] std::string_view name_of(MessageKind kind);

// The element of ResponseMessage after the Service Reference.
enum class Payload : std::uint8_t {
  none,
  cin_message,
  dsp_inventory,
  dsp_opt_in,
  dsp_schedules_read,
  dsp_scheduled_message,
  dsp_schedule_id,
  dsp_update_firmware_warning,
  dsp_update_ppmid_firmware_warning,
  dsp_wan_matrix,
  future_dated_device_alert,
  gbcs_payload,
  local_command,
  pre_command
};
inline constexpr std::size_t kPayloads = 14;
[[nodiscard]] std::string_view element_of(Payload payload);  // empty for none

struct Message {
  MessageKind kind = MessageKind::acknowledgement;
  bool is_signed = false;  // the root has a ds:Signature; whether it is good is another question
  std::optional<MessageId> request;   // Header/RequestID
  std::optional<MessageId> response;  // Header/ResponseID
  ResponseCode code;
  UtcTime at;  // ResponseDateTime

  // Responses and acknowledgements; null where a message has none.
  const ServiceReferenceVariant* srv = nullptr;
  Payload payload = Payload::none;
  // Base64 of the GBCSPayload, with the white space that it has: of the payload, or of a device
  // alert. Points into the bytes given, or into the reader until its next message.
  std::string_view gbcs_payload;
  std::optional<std::uint64_t> schedule_id;  // DSPScheduleID, wherever it stands
  std::uint16_t instruction = 0;             // of a future-dated device alert, with its total
  std::uint16_t instructions = 0;

  // Alerts.
  std::string_view device_alert_code;  // hex as written: 8F66; also of future-dated alerts
  DccAlertCode dcc_alert;
  DccAlertBody dcc_body{};
  std::optional<Throttling> throttling;
  std::optional<MessageId> subject;  // the request that a DCC Alert or S1SP Alert is about
  Eui64 device;                      // that a DCC Alert is about; empty when it names none

  // Alerts that this message stands for (alert-storm protection).
  [[nodiscard]] std::uint64_t stands_for() const { return throttling ? throttling->count : 1; }
};

// False: declined. `out` then holds nothing of use.
[[nodiscard]] bool scan_message(std::string_view bytes, Message& out);

// One per worker, reused; not thread-safe.
class MessageReader {
 public:
  static constexpr std::size_t kMostBytes = 4UL << 20;

  explicit MessageReader(std::size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}

  // On anything but ok, `out` holds nothing of use and why() says in a few words what is wrong.
  [[nodiscard]] ReadOutcome read(std::string_view bytes, Message& out);
  [[nodiscard]] const std::string& why() const { return why_; }
  // The canonical form of the last message, which views of it point into.
  [[nodiscard]] const std::string& canonical() const { return xml_.text(); }

 private:
  std::size_t most_bytes_;
  XmlNormaliser xml_;
  std::string why_;
  std::string payload_;
};

}  // namespace s1flow::codecs::duis
