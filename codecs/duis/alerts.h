#pragma once
// Writer of the four DCC Alerts that the commissioning of a migrated installation brings (DUIS 5.4
// schema, type DCCAlertMessage; docs/formats/duis-alerts.md):
//
//   N16  DeviceStatusChangeEvent      the device is in the inventory under its new identity
//   N24  UpdateHANDeviceLogResult     a whitelist update (SRV 8.11) was confirmed
//   N42  SecurityCredentialsUpdated   credentials on the device were replaced
//   N55  S1SPAlertDSP                 an alert of the S1SP, signed by it, inside the DCC's message
//
// Each message is one compact line of canonical XML without an XML declaration, appended to a
// string of the caller. Signed messages carry the signature of the DCC's XML-signing key over the
// whole message; N55 carries the S1SP's inside in any case, since the schema wants it.
//
// One writer per worker, reused: beside the output it allocates nothing of its own. Not
// thread-safe.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codecs/crypto/xmldsig.h"
#include "codecs/duis/message_framer.h"
#include "codecs/duis/message_id.h"
#include "core/calendar.h"
#include "core/device.h"
#include "core/eui64.h"
#include "core/mpxn.h"

namespace s1flow::codecs::duis {

// Alert-storm protection: one copy stands for `count` alerts.
struct Throttling {
  std::uint32_t sequence_id = 0;
  std::uint32_t count = 0;
};

struct AlertHeader {
  std::optional<MessageId> response_id;  // DCC to User; alerts have no RequestID
  UtcTime at;
  std::optional<Throttling> throttling;
};

// N16.
struct DeviceStatusChange {
  Eui64 device;
  Mpxn import_mpxn;
  Mpxn secondary_import_mpan;  // left out when empty
  Mpxn export_mpan;            // left out when empty
  EsmeVariant variant;         // left out when empty
};

// N24.
struct HanDeviceLogResult {
  MessageId request;  // of the SRV 8.11
};

// N42.
enum class RemotePartyRole : std::uint8_t {
  acb,
  network_operator,
  recovery,
  root,
  supplier,
  trans_cos,
  load_controller
};
inline constexpr std::array<std::string_view, 7> kRemotePartyRoleNames{
    "ACB", "NetworkOperator", "Recovery", "Root", "Supplier", "TransCoS", "LoadController"};
enum class CertificateType : std::uint8_t { digital_signing, key_agreement, key_agreement_top_up };
inline constexpr std::array<std::string_view, 3> kCertificateTypeNames{
    "DigitalSigning", "KeyAgreement", "KeyAgreementTopUp"};

struct UpdatedCertificate {
  CertificateType type{};
  crypto::Sha1Digest hash{};  // of the certificate's DER
};
struct SecurityCredentialsUpdate {
  static constexpr std::size_t kMostCertificates = 3;
  Eui64 device;
  RemotePartyRole role{};
  std::optional<std::uint64_t> floor_sequence_number;
  // Only together with the one above.
  std::optional<std::uint64_t> top_up_floor_sequence_number;
  std::span<const UpdatedCertificate> certificates;  // 1 to 3
};

// N55.
struct S1spAlert {
  std::optional<MessageId> request;
  Eui64 device;                             // left out when empty
  std::string_view code;                    // free text that the S1SP defines
  std::string_view additional_information;  // left out when empty
  std::string_view utrn;                    // 20 digits; left out when empty
  UtcTime at;
  std::optional<std::uint64_t> dsp_schedule_id;  // at most 10^12
};

// The pair of a message, when it has one.
void append_throttling(std::string& out, const std::optional<Throttling>& throttling);

class AlertWriter {
 public:
  // `dcc` signs whole messages, `s1sp` the alerts inside N55; a writer without one of them refuses
  // what needs it.
  AlertWriter(std::optional<crypto::SignatureMaker> dcc,
              std::optional<crypto::SignatureMaker> s1sp);

  // Each appends one message, or gives an error and leaves `out` as it was: for a value that the
  // schema does not allow, and for a signer that is not there.
  [[nodiscard]] Status append_n16(std::string& out, const AlertHeader& header,
                                  const DeviceStatusChange& alert, OuterSignature signature);
  [[nodiscard]] Status append_n24(std::string& out, const AlertHeader& header,
                                  const HanDeviceLogResult& alert, OuterSignature signature);
  [[nodiscard]] Status append_n42(std::string& out, const AlertHeader& header,
                                  const SecurityCredentialsUpdate& alert, OuterSignature signature);
  [[nodiscard]] Status append_n55(std::string& out, const AlertHeader& header,
                                  const S1spAlert& alert, OuterSignature signature);

  // The body S1SPAlertDSP alone, signed by the S1SP; on an error `out` may hold part of it.
  [[nodiscard]] Status append_s1sp_body(std::string& out, const S1spAlert& alert);
  [[nodiscard]] MessageFramer& framer() { return framer_; }

 private:
  // Opens a message of the code, lets `body` write the alert's element, closes and signs.
  template <typename Body>
  Status append_message(std::string& out, const AlertHeader& header, std::string_view code,
                        OuterSignature signature, Body body);
  Status append_s1sp_alert(std::string& out, const S1spAlert& alert);

  MessageFramer framer_;
  std::optional<crypto::SignatureMaker> s1sp_;
  crypto::Sha256 sha_;
};

}  // namespace s1flow::codecs::duis
