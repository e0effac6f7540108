#pragma once
// EUI-64 of a Device, User or party: eight hex octets joined by hyphens, either case (DUIS 5.4 type
// EUI). Compared as a number, so case never matters. A value of 8 bytes; thread-safe.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace s1flow {

class Eui64 {
 public:
  constexpr Eui64() = default;  // "none"
  explicit constexpr Eui64(std::uint64_t value) : value_(value) {}

  // Exactly 23 characters with hyphens. (On the two forms see core/text.h.)
  [[nodiscard]] static bool read(std::string_view text, Eui64& id);
  [[nodiscard]] static std::optional<Eui64> parse(std::string_view text) {
    Eui64 id;
    return read(text, id) ? std::optional(id) : std::nullopt;
  }
  // 16 hex digits without hyphens, for layouts that write them so.
  [[nodiscard]] static bool read_plain(std::string_view text, Eui64& id);
  [[nodiscard]] static std::optional<Eui64> parse_plain(std::string_view text) {
    Eui64 id;
    return read_plain(text, id) ? std::optional(id) : std::nullopt;
  }

  [[nodiscard]] constexpr std::uint64_t value() const { return value_; }
  [[nodiscard]] constexpr bool empty() const { return value_ == 0; }
  void append_to(std::string& out) const;        // 70-B3-D5-…, upper case
  void append_plain_to(std::string& out) const;  // 70B3D5…, upper case
  [[nodiscard]] std::string text() const;

  friend constexpr auto operator<=>(Eui64, Eui64) = default;

 private:
  std::uint64_t value_ = 0;
};

}  // namespace s1flow
