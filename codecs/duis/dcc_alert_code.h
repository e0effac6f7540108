#pragma once
// The 66 DCC Alert codes of DUIS 5.4 (AD1, N1 to N31, N33 to N65, N999) and the 24 bodies.
//
// The schema lists codes and bodies and does not tie them. `body` is the one that s1flow writes;
// `pairing` says what stands behind it (docs/formats/duis.md). A reader accepts any body with any
// code.
//
// Values; thread-safe.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace s1flow::codecs::duis {

enum class DccAlertBody : std::uint8_t {
  power_outage_event,
  device_status_change_event,
  dsp_schedule_removal,
  command_failure,
  firmware_distribution_failure,
  update_han_device_log_result,
  change_of_supplier,
  device_log_restored,
  ppmid_alert,
  security_credentials_updated,
  ppmid_removal,
  quarantined_request,
  firmware_version_mismatch,
  dual_band_ch_alert,
  s1sp_alert_dsp,
  smets1_ch_firmware_notification,
  alcs_hcalcs_configuration_change,
  firmware_upgrade_requested,
  csp_firmware_delivery_status,
  comms_hub_alert,
  ecos_alert,
  comms_hub_firmware_activation,
  cos_certificate_alert,
  duis_version_mismatch
};
inline constexpr std::size_t kDccAlertBodies = 24;
[[nodiscard]] std::string_view element_of(DccAlertBody body);
[[nodiscard]] std::optional<DccAlertBody> parse_dcc_alert_body(std::string_view element);

enum class Pairing : std::uint8_t {
  published,  // seen together in public samples
  by_name,    // the names of code's meaning and body agree
  recalled,   // not confirmed by any source
  own         // s1flow's own choice: the code's meaning is not known here
};
[[nodiscard]] std::string_view name_of(Pairing pairing);

class DccAlertCode {
 public:
  static constexpr std::size_t kCount = 66;

  constexpr DccAlertCode() = default;  // AD1
  [[nodiscard]] static std::optional<DccAlertCode> parse(std::string_view text);
  [[nodiscard]] static constexpr DccAlertCode at(std::size_t index) {
    DccAlertCode c;
    c.index_ = static_cast<std::uint8_t>(index);
    return c;
  }

  [[nodiscard]] std::string_view text() const;
  [[nodiscard]] std::string_view meaning() const;  // empty: not known here
  [[nodiscard]] DccAlertBody body() const;
  [[nodiscard]] Pairing pairing() const;
  [[nodiscard]] constexpr std::size_t index() const { return index_; }

  friend constexpr auto operator<=>(DccAlertCode, DccAlertCode) = default;

 private:
  std::uint8_t index_ = 0;
};

}  // namespace s1flow::codecs::duis
