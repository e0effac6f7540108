#include "codecs/duis/alerts.h"

#include <utility>

#include "codecs/crypto/xml_characters.h"
#include "codecs/duis/xml_out.h"

namespace s1flow::codecs::duis {
namespace {

// In place the alert inherits the declaration of its prefix; alone, which is how the S1SP signs it,
// it carries the declaration itself.
constexpr std::string_view kAlertOpenInPlace = "<sr:S1SPAlert schemaVersion=\"5.4\">";
constexpr std::string_view kAlertOpenAlone =
    "<sr:S1SPAlert xmlns:sr=\"http://www.dccinterface.co.uk/ServiceUserGateway\""
    " schemaVersion=\"5.4\">";
constexpr std::string_view kAlertClose = "</sr:S1SPAlert>";

constexpr std::uint64_t kMostFloorSequenceNumber = 9223372036854775807ULL;
constexpr std::uint64_t kMostScheduleId = 1000000000000ULL;
constexpr std::size_t kMostText = 4096;  // our own bound for free text

bool is_free_text(std::string_view text) {
  return text.size() <= kMostText && crypto::find_non_xml_character(text) == std::string_view::npos;
}

bool is_mpan_or_empty(Mpxn mpxn) {
  return mpxn.empty() || mpxn.fuel() == Fuel::electricity;
}

Error cannot_write(std::string_view code, std::string_view why) {
  return usage_error("DCC Alert " + std::string(code) + ": " + std::string(why));
}

}  // namespace

void append_throttling(std::string& out, const std::optional<Throttling>& throttling) {
  if (!throttling) return;
  number_element(out, "ThrottledAlertSequenceId", throttling->sequence_id);
  number_element(out, "ThrottledAlertCount", throttling->count);
}

AlertWriter::AlertWriter(std::optional<crypto::SignatureMaker> dcc,
                         std::optional<crypto::SignatureMaker> s1sp)
    : framer_(std::move(dcc)), s1sp_(std::move(s1sp)) {}

template <typename Body>
Status AlertWriter::append_message(std::string& out, const AlertHeader& header,
                                   std::string_view code, OuterSignature signature, Body body) {
  const FrameHeader frame{.response = header.response_id ? &*header.response_id : nullptr,
                          .at = header.at};
  return framer_.append(out, frame, signature, [&]() -> Status {
    open(out, "DCCAlertMessage");
    text_element(out, "DCCAlertCode", code);
    append_throttling(out, header.throttling);
    open(out, "DCCAlert");
    S1FLOW_TRY_VOID(body());
    close(out, "DCCAlert");
    close(out, "DCCAlertMessage");
    return {};
  });
}

Status AlertWriter::append_n16(std::string& out, const AlertHeader& header,
                               const DeviceStatusChange& alert, OuterSignature signature) {
  if (alert.import_mpxn.empty())
    return tl::unexpected(cannot_write("N16", "the import MPxN is missing"));
  if (!is_mpan_or_empty(alert.secondary_import_mpan) || !is_mpan_or_empty(alert.export_mpan))
    return tl::unexpected(cannot_write("N16", "secondary import and export must be MPANs"));
  return append_message(out, header, "N16", signature, [&]() -> Status {
    element(out, "DeviceStatusChangeEvent", [&] {
      value_element(out, "DeviceID", alert.device);
      element(out, "DeviceStatusChange", [&] {
        element(out, "MeterIdentity", [&] {
          element(out, "MeterMPxNs", [&] {
            value_element(out, "ImportMPxN", alert.import_mpxn);
            if (!alert.secondary_import_mpan.empty())
              value_element(out, "SecondaryImportMPAN", alert.secondary_import_mpan);
            if (!alert.export_mpan.empty()) value_element(out, "ExportMPAN", alert.export_mpan);
          });
          if (!alert.variant.view().empty()) text_element(out, "ESMEVariant", alert.variant.view());
        });
      });
    });
    return {};
  });
}

Status AlertWriter::append_n24(std::string& out, const AlertHeader& header,
                               const HanDeviceLogResult& alert, OuterSignature signature) {
  return append_message(out, header, "N24", signature, [&]() -> Status {
    element(out, "UpdateHANDeviceLogResult",
            [&] { value_element(out, "UpdateHANDeviceLogServiceRequestID", alert.request); });
    return {};
  });
}

Status AlertWriter::append_n42(std::string& out, const AlertHeader& header,
                               const SecurityCredentialsUpdate& alert, OuterSignature signature) {
  const auto& floor = alert.floor_sequence_number;
  const auto& top_up_floor = alert.top_up_floor_sequence_number;
  if (alert.certificates.empty() ||
      alert.certificates.size() > SecurityCredentialsUpdate::kMostCertificates)
    return tl::unexpected(cannot_write("N42", "it names one to three certificates"));
  if ((top_up_floor && !floor) || floor > kMostFloorSequenceNumber ||
      top_up_floor > kMostFloorSequenceNumber)
    return tl::unexpected(cannot_write("N42", "a floor sequence number is missing or too large"));
  return append_message(out, header, "N42", signature, [&]() -> Status {
    element(out, "SecurityCredentialsUpdated", [&] {
      value_element(out, "DeviceID", alert.device);
      text_element(out, "RemotePartyRole",
                   kRemotePartyRoleNames[static_cast<std::size_t>(alert.role)]);
      if (floor)
        element(out, "RemotePartySeqNumberChange", [&] {
          number_element(out, "RemotePartyFloorSeqNumber", *floor);
          if (top_up_floor)
            number_element(out, "RemotePartyPrepaymentTopUpFloorSeqNumber", *top_up_floor);
        });
      for (const UpdatedCertificate& certificate : alert.certificates)
        element(out, "Certificates", [&] {
          text_element(out, "CertificateType",
                       kCertificateTypeNames[static_cast<std::size_t>(certificate.type)]);
          element(out, "CertificateHash", [&] { append_base64(out, certificate.hash); });
        });
    });
    return {};
  });
}

Status AlertWriter::append_s1sp_alert(std::string& out, const S1spAlert& alert) {
  out += kAlertOpenInPlace;
  const std::size_t content = out.size();
  if (alert.request) value_element(out, "RequestID", *alert.request);
  if (!alert.device.empty()) value_element(out, "DeviceID", alert.device);
  text_element(out, "S1SPAlertCode", alert.code);
  if (!alert.additional_information.empty())
    text_element(out, "AdditionalInformation", alert.additional_information);
  if (!alert.utrn.empty()) text_element(out, "UTRN", alert.utrn);
  time_element(out, "DateTime", alert.at);
  sha_.update(kAlertOpenAlone);
  sha_.update(std::string_view(out).substr(content));
  sha_.update(kAlertClose);
  S1FLOW_TRY_VOID(s1sp_->append_signature(out, sha_.finish()));
  out += kAlertClose;
  return {};
}

Status AlertWriter::append_s1sp_body(std::string& out, const S1spAlert& alert) {
  if (!s1sp_)
    return tl::unexpected(cannot_write("N55", "there is no key of the S1SP to sign with"));
  if (alert.code.empty() || !is_free_text(alert.code) ||
      !is_free_text(alert.additional_information))
    return tl::unexpected(
        cannot_write("N55", "code and information must be XML text, at most 4096 bytes long"));
  if (!alert.utrn.empty() && (alert.utrn.size() != 20 || !all_digits(alert.utrn)))
    return tl::unexpected(cannot_write("N55", "a UTRN has 20 digits"));
  if (alert.dsp_schedule_id > kMostScheduleId)
    return tl::unexpected(cannot_write("N55", "the schedule id is too large"));
  open(out, "S1SPAlertDSP");
  S1FLOW_TRY_VOID(append_s1sp_alert(out, alert));
  if (alert.dsp_schedule_id) number_element(out, "DSPScheduleID", *alert.dsp_schedule_id);
  close(out, "S1SPAlertDSP");
  return {};
}

Status AlertWriter::append_n55(std::string& out, const AlertHeader& header, const S1spAlert& alert,
                               OuterSignature signature) {
  return append_message(out, header, "N55", signature,
                        [&] { return append_s1sp_body(out, alert); });
}

}  // namespace s1flow::codecs::duis
