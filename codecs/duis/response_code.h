#pragma once
// The 194 response codes of DUIS 5.4. A code is a place in the schema's list, so it compares and
// counts as a small number.
//
// The schema lists the codes and says nothing of what they mean. Meanings are those of a public
// list of fifteen (docs/formats/duis.md); a code that is not in it has an empty meaning.
//
// Values; thread-safe.

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace s1flow::codecs::duis {

class ResponseCode {
 public:
  static constexpr std::size_t kCount = 194;

  constexpr ResponseCode() = default;  // I0
  // Exactly as the schema writes it.
  [[nodiscard]] static std::optional<ResponseCode> parse(std::string_view text);
  // `index` below kCount.
  [[nodiscard]] static constexpr ResponseCode at(std::size_t index) {
    ResponseCode c;
    c.index_ = static_cast<std::uint8_t>(index);
    return c;
  }

  [[nodiscard]] std::string_view text() const;
  [[nodiscard]] std::string_view meaning() const;  // empty: not known here
  [[nodiscard]] constexpr std::size_t index() const { return index_; }
  // I0 or I99.
  [[nodiscard]] constexpr bool is_success() const { return index_ < 2; }
  [[nodiscard]] bool is_warning() const { return text().front() == 'W'; }

  friend constexpr auto operator<=>(ResponseCode, ResponseCode) = default;

 private:
  std::uint8_t index_ = 0;
};

// Checked against the list at compile time, in response_code.cpp.
namespace response_code {
inline constexpr ResponseCode kI0 = ResponseCode::at(0);     // success
inline constexpr ResponseCode kI99 = ResponseCode::at(1);    // acknowledged
inline constexpr ResponseCode kE1 = ResponseCode::at(2);     // User or role invalid
inline constexpr ResponseCode kE2 = ResponseCode::at(3);     // role may not use this request
inline constexpr ResponseCode kE3 = ResponseCode::at(4);     // User's status forbids it
inline constexpr ResponseCode kE4 = ResponseCode::at(5);     // no authority for the device
inline constexpr ResponseCode kE5 = ResponseCode::at(6);     // device status forbids it
inline constexpr ResponseCode kE11 = ResponseCode::at(7);    // does not fit the device type
inline constexpr ResponseCode kE12 = ResponseCode::at(8);    // command variant not applicable
inline constexpr ResponseCode kE13 = ResponseCode::at(9);    // does not belong to that URL
inline constexpr ResponseCode kE17 = ResponseCode::at(10);   // local command not allowed
inline constexpr ResponseCode kE19 = ResponseCode::at(11);   // no such device
inline constexpr ResponseCode kE20 = ResponseCode::at(12);   // cannot communicate with the device
inline constexpr ResponseCode kE21 = ResponseCode::at(13);   // no response from the device
inline constexpr ResponseCode kE30 = ResponseCode::at(14);   // future-dated request timed out
inline constexpr ResponseCode kE100 = ResponseCode::at(48);  // s1flow: the message itself is bad
}  // namespace response_code

}  // namespace s1flow::codecs::duis
