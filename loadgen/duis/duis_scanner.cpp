#include "loadgen/duis/duis_scanner.h"

#include "codecs/duis/message.h"

namespace s1flow::loadgen {
namespace {

namespace duis = codecs::duis;

// Views of `out` live as long as `reader` and the bytes.
bool read(std::string_view body, duis::MessageReader& reader, duis::Message& out) {
  return duis::scan_message(body, out) || reader.read(body, out) == duis::ReadOutcome::ok;
}

class DuisScanner final : public MessageScanner {
 public:
  [[nodiscard]] Message scan(std::string_view body) const override {
    duis::MessageReader reader;
    duis::Message message;
    Message out;
    if (!read(body, reader, message)) return out;
    out.stands_for = message.stands_for();
    out.good = message.code.is_success() || message.code.is_warning();
    switch (message.kind) {
      case duis::MessageKind::device_alert:
      case duis::MessageKind::smets1_device_alert:
        out.kind = MessageKind::device_alert;
        return out;
      case duis::MessageKind::dcc_alert:
        out.kind = MessageKind::dcc_alert;
        return out;
      case duis::MessageKind::acknowledgement:
      case duis::MessageKind::answer:
      case duis::MessageKind::service_response:
      case duis::MessageKind::smets1_response:
        break;
    }
    // Answers of a schedule are asked for by nobody in particular.
    const bool scheduled = message.payload == duis::Payload::dsp_scheduled_message;
    if (!message.request || scheduled) {
      out.kind = MessageKind::unsolicited;
      return out;
    }
    out.kind = MessageKind::answer;
    out.key = {message.request->originator.value(), message.request->target.value(),
               message.request->counter};
    return out;
  }

  [[nodiscard]] Reply reply(std::string_view body) const override {
    duis::MessageReader reader;
    duis::Message message;
    if (!read(body, reader, message)) return Reply::no;
    if (!message.code.is_success() && !message.code.is_warning()) return Reply::no;
    switch (message.kind) {
      case duis::MessageKind::acknowledgement:
        return message.code == duis::response_code::kI99 ? Reply::acknowledged : Reply::no;
      case duis::MessageKind::answer:
        return Reply::answered;
      default:
        return Reply::no;
    }
  }
};

}  // namespace

std::shared_ptr<const MessageScanner> make_duis_scanner() {
  return std::make_shared<DuisScanner>();
}

}  // namespace s1flow::loadgen
