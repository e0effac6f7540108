#include "core/device.h"

#include <algorithm>
#include <cstring>

#include "core/fixed_text.h"
#include "core/text.h"

namespace s1flow {

std::optional<InstallationId> parse_installation_id(std::string_view text) {
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F && c != ','; });
  if (text.empty() || !printable) return std::nullopt;
  return InstallationId::make(text);
}

std::optional<DeviceType> parse_device_type(std::string_view name) {
  const auto it = std::find(kDeviceTypeNames.begin(), kDeviceTypeNames.end(), name);
  if (it == kDeviceTypeNames.end()) return std::nullopt;
  return static_cast<DeviceType>(it - kDeviceTypeNames.begin());
}

std::optional<EsmeVariant> EsmeVariant::parse(std::string_view text) {
  // DUIS 5.4 lists these and no other combination.
  static constexpr std::array<std::string_view, 25> kVariants{
      "A",    "B",    "C",   "AD",   "BD", "CD", "ADE", "BDE", "CDE", "ADF", "BDF", "CDF", "ADEF",
      "BDEF", "CDEF", "ADG", "ADEG", "AF", "BF", "CF",  "AEF", "BEF", "CEF", "AG",  "AEG"};
  if (std::find(kVariants.begin(), kVariants.end(), text) == kVariants.end()) return std::nullopt;
  EsmeVariant v;
  std::memcpy(v.text_, text.data(), text.size());
  v.size_ = static_cast<std::uint8_t>(text.size());
  return v;
}

char luhn_check_digit(std::string_view digits) {
  unsigned sum = 0;
  bool doubled = true;  // the digit next to the check digit counts twice
  for (std::size_t i = digits.size(); i-- > 0; doubled = !doubled) {
    auto d = static_cast<unsigned>(digits[i] - '0');
    if (doubled) d = d * 2 > 9 ? d * 2 - 9 : d * 2;
    sum += d;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

std::optional<Iccid> Iccid::parse(std::string_view text) {
  if ((text.size() != 19 && text.size() != 20) || !all_digits(text) || !text.starts_with("89"))
    return std::nullopt;
  Iccid i;
  std::memcpy(i.text_, text.data(), text.size());
  i.size_ = static_cast<std::uint8_t>(text.size());
  return i;
}

bool Iccid::check_digit_holds() const {
  return size_ != 0 && luhn_check_digit(view().substr(0, size_ - 1U)) == text_[size_ - 1];
}

bool is_imsi(std::string_view text) {
  return text.size() == 15 && all_digits(text);
}

bool is_msisdn(std::string_view text) {
  return text.size() >= 7 && text.size() <= 15 && all_digits(text) && text.front() != '0';
}

GroupId GroupId::unpack(std::uint16_t packed) {
  GroupId g;
  g.text_[0] = static_cast<char>(packed >> 8);
  g.text_[1] = static_cast<char>(packed & 255);
  return g;
}

}  // namespace s1flow
