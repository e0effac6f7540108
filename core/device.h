#pragma once
// Words for Devices, User Roles and the SIM (DUIS 5.4 types DeviceType, ESMEVariant; E.118 for the
// ICCID).

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/text.h"

namespace s1flow {

enum class DeviceType : std::uint8_t { chf, gpf, esme, gsme, hcalcs, ppmid, ihd, cad };
inline constexpr std::array<std::string_view, 8> kDeviceTypeNames{"CHF",    "GPF",   "ESME", "GSME",
                                                                  "HCALCS", "PPMID", "IHD",  "CAD"};
[[nodiscard]] inline std::string_view name_of(DeviceType t) {
  return kDeviceTypeNames[static_cast<std::size_t>(t)];
}
[[nodiscard]] std::optional<DeviceType> parse_device_type(std::string_view name);

// Active Meter: served by its supplier today; Dormant Meter: not (MTAD 5.2).
enum class MeterStatus : std::uint8_t { active, dormant };

// One of A, B, C followed by the suffix letters D E F G in order: the 25 values of DUIS 5.4
// ESMEVariant.
class EsmeVariant {
 public:
  constexpr EsmeVariant() = default;
  [[nodiscard]] static std::optional<EsmeVariant> parse(std::string_view text);
  [[nodiscard]] std::string_view view() const { return {text_, size_}; }
  friend bool operator==(const EsmeVariant& a, const EsmeVariant& b) {
    return a.view() == b.view();
  }

 private:
  char text_[5] = {};
  std::uint8_t size_ = 0;
};

// 19 or 20 digits that start with 89; the last may be a Luhn check digit (operators differ).
class Iccid {
 public:
  constexpr Iccid() = default;
  [[nodiscard]] static std::optional<Iccid> parse(std::string_view text);
  [[nodiscard]] bool check_digit_holds() const;  // never for an empty one
  [[nodiscard]] std::string_view view() const { return {text_, size_}; }

 private:
  char text_[20] = {};
  std::uint8_t size_ = 0;
};
// The Luhn check digit of a text of decimal digits.
[[nodiscard]] char luhn_check_digit(std::string_view digits);

[[nodiscard]] bool is_imsi(std::string_view text);    // 15 digits
[[nodiscard]] bool is_msisdn(std::string_view text);  // E.164: 7 to 15 digits, no leading zero

// Two capital letters that name an SMSO-specific variant (MTAD Table 17.6 knows AA BA CA CB DA EA
// EB; more may come, so the list of groups that a run accepts is data).
class GroupId {
 public:
  constexpr GroupId() = default;
  [[nodiscard]] static std::optional<GroupId> parse(std::string_view text) {
    if (text.size() != 2 || !is_upper(text[0]) || !is_upper(text[1])) return std::nullopt;
    GroupId id;
    id.text_[0] = text[0];
    id.text_[1] = text[1];
    return id;
  }
  [[nodiscard]] std::string_view view() const { return {text_, text_[0] == 0 ? 0U : 2U}; }
  [[nodiscard]] constexpr bool empty() const { return text_[0] == 0; }
  [[nodiscard]] constexpr std::uint16_t packed() const {
    return static_cast<std::uint16_t>(static_cast<unsigned char>(text_[0]) << 8 |
                                      static_cast<unsigned char>(text_[1]));
  }
  [[nodiscard]] static GroupId unpack(std::uint16_t packed);
  friend constexpr auto operator<=>(const GroupId&, const GroupId&) = default;

 private:
  char text_[2] = {};
};

}  // namespace s1flow
