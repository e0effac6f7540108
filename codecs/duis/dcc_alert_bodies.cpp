// DCC Alerts of every code, of codecs/duis/response.h: a body of each of the schema's 24 kinds,
// made from what the alert is about. Elements that a load test has no use for have fixed values.

#include "codecs/duis/response.h"
#include "codecs/duis/xml_out.h"

namespace s1flow::codecs::duis {
namespace {

constexpr std::string_view kSomeMpan = "1200023305967";
constexpr std::string_view kFirmware = "01000001";
constexpr std::string_view kNewFirmware = "01000002";

// Writes bodies, each the content of the element of its name.
struct BodyWriter {
  std::string& out;
  const DccAlertSubject& about;

  void device(std::string_view name) const { value_element(out, name, about.device); }
  void other(std::string_view name) const {
    value_element(out, name, about.other_device.empty() ? about.device : about.other_device);
  }
  void request(std::string_view name) const { value_element(out, name, about.request); }
  void text(std::string_view name, std::string_view value) const { text_element(out, name, value); }
  void time(std::string_view name) const { time_element(out, name, about.at); }
  void date(std::string_view name) const {
    element(out, name, [&] { about.at.date().append_to(out); });
  }
  void mpxn(std::string_view name) const {
    if (about.mpxn.empty())
      text(name, kSomeMpan);
    else
      value_element(out, name, about.mpxn);
  }
  void mpxns(std::string_view name) const {
    element(out, name, [&] { mpxn("ImportMPxN"); });
  }

  void device_status_change() const {
    device("DeviceID");
    element(out, "DeviceStatusChange",
            [&] { element(out, "MeterIdentity", [&] { mpxns("MeterMPxNs"); }); });
  }
  void credentials_updated() const {
    device("DeviceID");
    text("RemotePartyRole", "Supplier");
    element(out, "Certificates", [&] {
      text("CertificateType", "DigitalSigning");
      text("CertificateHash", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    });
  }
  void device_log_restored() const {
    date("RestoredDate");
    element(out, "CHFDeviceLog", [&] {
      other("OldCHFDeviceID");
      device("NewCHFDeviceID");
      other("OldGPFDeviceID");
      device("NewGPFDeviceID");
    });
  }
  void quarantined_request() const {
    element(out, "ADUserThresholdBreach", [&] {
      request("RequestID");
      number_element(out, "QuarantineEventRef", about.request.counter);
    });
  }
  void version_mismatch() const {
    element(out, "ServiceResponseVersionMismatch", [&] {
      request("RequestID");
      text("ServiceReference", "8.11");
      text("ServiceReferenceVariant", "8.11");
      text("ServiceRequestDUISVersion", "5.4");
    });
    text("ServiceUserDUISVersion", "5.3");
  }
  void delivery_status() const {
    request("UpdateFirmwareRequestID");
    other("CommsHubDeviceID");
    device("TargetDeviceID");
    text("FirmwareVersion", kNewFirmware);
    time("TimeStamp");
    text("CommsHubTransferStatus", "Success");
  }

  void content(DccAlertBody body) const {
    switch (body) {
      case DccAlertBody::power_outage_event:
        device("CommsHubDeviceID");
        time("StartDateTime");
        return mpxn("MPxN");
      case DccAlertBody::device_status_change_event:
        return device_status_change();
      case DccAlertBody::dsp_schedule_removal:
        device("DeviceID");
        return text("DSPScheduleID", "1");
      case DccAlertBody::command_failure:
        request("CommandRequestID");
        return device("DeviceID");
      case DccAlertBody::firmware_distribution_failure:
        request("UpdateFirmwareRequestID");
        return device("MeterIDs");
      case DccAlertBody::update_han_device_log_result:
        return request("UpdateHANDeviceLogServiceRequestID");
      case DccAlertBody::change_of_supplier:
        return request("ChangeOfSupplierServiceRequestID");
      case DccAlertBody::device_log_restored:
        return device_log_restored();
      case DccAlertBody::ppmid_alert:
        device("DeviceID");
        return text("DeviceAlertCode", "8F1D");
      case DccAlertBody::security_credentials_updated:
        return credentials_updated();
      case DccAlertBody::ppmid_removal:
        device("PPMIDDeviceID");
        return other("CHFDeviceID");
      case DccAlertBody::quarantined_request:
        return quarantined_request();
      case DccAlertBody::firmware_version_mismatch:
        device("DeviceID");
        text("DeviceType", "ESME");
        text("FirmwareVersionSMI", kFirmware);
        return text("FirmwareVersionDevice", kNewFirmware);
      case DccAlertBody::dual_band_ch_alert:
        device("CHFDeviceID");
        return text("DeviceAlertCode", "8F20");
      case DccAlertBody::s1sp_alert_dsp:
        return;  // signed by the S1SP: written by AlertWriter
      case DccAlertBody::smets1_ch_firmware_notification:
        device("DeviceID");
        text("FirmwareVersion", kNewFirmware);
        return text("FirmwareVersionUpdateStatus", "ActivationSuccessful");
      case DccAlertBody::alcs_hcalcs_configuration_change:
        return device("ESMEDeviceID");
      case DccAlertBody::firmware_upgrade_requested:
        text("DeviceType", "ESME");
        text("FirmwareVersion", kNewFirmware);
        return device("DeviceList");
      case DccAlertBody::csp_firmware_delivery_status:
        return delivery_status();
      case DccAlertBody::comms_hub_alert:
        device("CommsHubDeviceID");
        return text("AlertCode", "8F20");
      case DccAlertBody::ecos_alert:
        request("AlertID");
        text("ECoSAlertCode", "E01");
        return device("DeviceID");
      case DccAlertBody::comms_hub_firmware_activation:
        device("DeviceID");
        return text("FirmwareVersion", kNewFirmware);
      case DccAlertBody::cos_certificate_alert:
        return device("DeviceID");
      case DccAlertBody::duis_version_mismatch:
        return version_mismatch();
    }
  }
};

}  // namespace

Status ResponseWriter::append_body(std::string& out, DccAlertBody body,
                                   const DccAlertSubject& subject) {
  if (body == DccAlertBody::s1sp_alert_dsp) {
    S1spAlert alert;
    alert.request = subject.request;
    alert.device = subject.device;
    alert.code = "S1flow";
    alert.at = subject.at;
    return alerts_.append_s1sp_body(out, alert);
  }
  element(out, element_of(body), [&] { BodyWriter{out, subject}.content(body); });
  return {};
}

Status ResponseWriter::append_dcc_alert(std::string& out, const AlertHeader& header,
                                        DccAlertCode code, const DccAlertSubject& subject,
                                        OuterSignature signature) {
  return append_dcc_alert(out, header, code, code.body(), subject, signature);
}

Status ResponseWriter::append_dcc_alert(std::string& out, const AlertHeader& header,
                                        DccAlertCode code, DccAlertBody body,
                                        const DccAlertSubject& subject, OuterSignature signature) {
  const FrameHeader frame{.response = header.response_id ? &*header.response_id : nullptr,
                          .at = header.at};
  return alerts_.framer().append(out, frame, signature, [&]() -> Status {
    open(out, "DCCAlertMessage");
    text_element(out, "DCCAlertCode", code.text());
    append_throttling(out, header.throttling);
    open(out, "DCCAlert");
    S1FLOW_TRY_VOID(append_body(out, body, subject));
    close(out, "DCCAlert");
    close(out, "DCCAlertMessage");
    return {};
  });
}

}  // namespace s1flow::codecs::duis
