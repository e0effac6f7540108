#pragma once
// Meter point numbers. An MPAN core has 13 digits, the last of them a check digit; an MPRN has 6 to
// 10 digits, the last two of them check digits (DUIS 5.4 types MPAN and MPRN; the check arithmetic
// is public). A wrong check digit does not make a value unreadable: it is a question of its own
// (check_digits_hold), since published sample messages carry numbers that fail it.
//
// Values of 8 bytes; thread-safe.

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace s1flow {

enum class Fuel : std::uint8_t { electricity, gas };

class Mpxn {
 public:
  constexpr Mpxn() = default;  // "none"

  // An MPAN when the text has 13 digits, an MPRN when it has 6 to 10, otherwise nothing.
  // (On the two forms see core/text.h.)
  [[nodiscard]] static bool read(std::string_view text, Mpxn& id);
  [[nodiscard]] static bool read_mpan(std::string_view text, Mpxn& id);
  [[nodiscard]] static bool read_mprn(std::string_view text, Mpxn& id);
  [[nodiscard]] static std::optional<Mpxn> parse(std::string_view text) {
    Mpxn id;
    return read(text, id) ? std::optional(id) : std::nullopt;
  }
  [[nodiscard]] static std::optional<Mpxn> parse_mpan(std::string_view text) {
    Mpxn id;
    return read_mpan(text, id) ? std::optional(id) : std::nullopt;
  }
  [[nodiscard]] static std::optional<Mpxn> parse_mprn(std::string_view text) {
    Mpxn id;
    return read_mprn(text, id) ? std::optional(id) : std::nullopt;
  }
  // From a number of up to 12 (MPAN) or 4 to 8 (MPRN, `body_digits`) digits, with the check digits
  // worked out.
  [[nodiscard]] static Mpxn make_mpan(std::uint64_t body);
  [[nodiscard]] static Mpxn make_mprn(std::uint64_t body, unsigned body_digits = 8);
  // Back from packed().
  [[nodiscard]] static constexpr Mpxn unpack(std::uint64_t packed) { return Mpxn(packed); }

  [[nodiscard]] bool check_digits_hold() const;  // never for "none"
  [[nodiscard]] Fuel fuel() const { return digits() == 13 ? Fuel::electricity : Fuel::gas; }
  [[nodiscard]] constexpr bool empty() const { return packed_ == 0; }
  [[nodiscard]] constexpr unsigned digits() const { return static_cast<unsigned>(packed_ >> 56); }
  [[nodiscard]] constexpr std::uint64_t number() const { return packed_ & 0x00FFFFFFFFFFFFFFULL; }
  // Digit count in the top byte, number below: unique per text, never 0 for a value.
  [[nodiscard]] constexpr std::uint64_t packed() const { return packed_; }
  void append_to(std::string& out) const;
  [[nodiscard]] std::string text() const;

  friend constexpr auto operator<=>(Mpxn, Mpxn) = default;

 private:
  explicit constexpr Mpxn(std::uint64_t packed) : packed_(packed) {}
  std::uint64_t packed_ = 0;
};

}  // namespace s1flow
