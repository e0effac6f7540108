#pragma once
// Serial number of a certificate: a positive integer of up to 128 bits. XML writes it in decimal
// (up to 39 digits), certificate tools in hex, where a leading zero may have been lost. A value of
// 16 bytes; thread-safe.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace s1flow {

class CertificateSerial {
 public:
  constexpr CertificateSerial() = default;  // zero: "none", since serials are positive
  constexpr CertificateSerial(std::uint64_t high, std::uint64_t low) : high_(high), low_(low) {}

  // Decimal digits only, value in 1 … 2^128-1; leading zeros are allowed.
  [[nodiscard]] static std::optional<CertificateSerial> parse_decimal(std::string_view text);
  // 1 to 32 hex digits, value not zero.
  [[nodiscard]] static std::optional<CertificateSerial> parse_hex(std::string_view text);

  [[nodiscard]] constexpr std::uint64_t high() const { return high_; }
  [[nodiscard]] constexpr std::uint64_t low() const { return low_; }
  [[nodiscard]] constexpr bool empty() const { return high_ == 0 && low_ == 0; }
  void append_decimal_to(std::string& out) const;
  void append_hex_to(std::string& out) const;  // 32 digits, upper case
  [[nodiscard]] std::string decimal() const;

  friend constexpr auto operator<=>(const CertificateSerial&, const CertificateSerial&) = default;

 private:
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
};

}  // namespace s1flow
