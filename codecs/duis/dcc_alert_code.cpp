#include "codecs/duis/dcc_alert_code.h"

#include <array>

namespace s1flow::codecs::duis {
namespace {

// In the order of DccAlertBody, which is the schema's.
constexpr std::array<std::string_view, kDccAlertBodies> kElements{"PowerOutageEvent",
                                                                  "DeviceStatusChangeEvent",
                                                                  "DSPScheduleRemoval",
                                                                  "CommandFailure",
                                                                  "FirmwareDistributionFailure",
                                                                  "UpdateHANDeviceLogResult",
                                                                  "ChangeOfSupplier",
                                                                  "DeviceLogRestored",
                                                                  "PPMIDAlert",
                                                                  "SecurityCredentialsUpdated",
                                                                  "PPMIDRemoval",
                                                                  "QuarantinedRequest",
                                                                  "FirmwareVersionMismatch",
                                                                  "DualBandCHAlert",
                                                                  "S1SPAlertDSP",
                                                                  "SMETS1CHFirmwareNotification",
                                                                  "ALCSHCALCSConfigurationChange",
                                                                  "FirmwareUpgradeRequested",
                                                                  "CSPFirmwareDeliveryStatus",
                                                                  "CommsHubAlert",
                                                                  "ECoSAlert",
                                                                  "CommsHubFirmwareActivation",
                                                                  "CoSCertificateAlert",
                                                                  "DUISVersionMismatch"};

struct Row {
  std::string_view code;
  DccAlertBody body = DccAlertBody::command_failure;
  Pairing pairing = Pairing::own;
  std::string_view meaning = {};
};
constexpr std::array<Row, DccAlertCode::kCount> kRows{{
    {"AD1", DccAlertBody::power_outage_event, Pairing::by_name, "power outage"},
    {"N1"},
    {"N2"},
    {"N3"},
    {"N4"},
    {"N5"},
    {"N6"},
    {"N7"},
    {"N8"},
    {"N9"},
    {"N10"},
    {"N11"},
    {"N12", DccAlertBody::command_failure, Pairing::recalled,
     "a command was not delivered to the device"},
    {"N13", DccAlertBody::command_failure, Pairing::recalled,
     "a command had no response from the device"},
    {"N14"},
    {"N15"},
    {"N16", DccAlertBody::device_status_change_event, Pairing::by_name,
     "device identity confirmation: the device is in the inventory under its identity"},
    {"N17"},
    {"N18"},
    {"N19"},
    {"N20"},
    {"N21"},
    {"N22"},
    {"N23"},
    {"N24", DccAlertBody::update_han_device_log_result, Pairing::published,
     "the update of a hub's whitelist that SRV 8.11 asked for was confirmed"},
    {"N25", DccAlertBody::update_han_device_log_result, Pairing::recalled,
     "the update of a hub's whitelist that SRV 8.11 asked for was not confirmed"},
    {"N26"},
    {"N27"},
    {"N28"},
    {"N29"},
    {"N30"},
    {"N31"},
    {"N33"},
    {"N34"},
    {"N35"},
    {"N36"},
    {"N37"},
    {"N38"},
    {"N39"},
    {"N40"},
    {"N41"},
    {"N42", DccAlertBody::security_credentials_updated, Pairing::by_name,
     "security credentials on the device were replaced"},
    {"N43"},
    {"N44"},
    {"N45"},
    {"N46"},
    {"N47"},
    {"N48"},
    {"N49"},
    {"N50"},
    {"N51"},
    {"N52"},
    {"N53"},
    {"N54"},
    {"N55", DccAlertBody::s1sp_alert_dsp, Pairing::by_name,
     "an alert of the SMETS1 Service Provider"},
    {"N56"},
    {"N57"},
    {"N58"},
    {"N59"},
    {"N60"},
    {"N61"},
    {"N62"},
    {"N63"},
    {"N64"},
    {"N65"},
    {"N999"},
}};

}  // namespace

std::string_view element_of(DccAlertBody body) {
  return kElements[static_cast<std::size_t>(body)];
}

std::optional<DccAlertBody> parse_dcc_alert_body(std::string_view element) {
  for (std::size_t i = 0; i < kElements.size(); ++i)
    if (kElements[i] == element) return static_cast<DccAlertBody>(i);
  return std::nullopt;
}

std::string_view name_of(Pairing pairing) {
  constexpr std::array<std::string_view, 4> kNames{
      "seen in public samples", "paired by name", "recalled, not confirmed", "s1flow's own choice"};
  return kNames[static_cast<std::size_t>(pairing)];
}

std::optional<DccAlertCode> DccAlertCode::parse(std::string_view text) {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (kRows[i].code == text) return at(i);
  return std::nullopt;
}

std::string_view DccAlertCode::text() const {
  return kRows[index_].code;
}
std::string_view DccAlertCode::meaning() const {
  return kRows[index_].meaning;
}
DccAlertBody DccAlertCode::body() const {
  return kRows[index_].body;
}
Pairing DccAlertCode::pairing() const {
  return kRows[index_].pairing;
}

}  // namespace s1flow::codecs::duis
