#pragma once
// FixedText<N>: at most N bytes of text kept inline, for ids that live in tables of millions of
// rows. A value type: copying is a memcpy, nothing is allocated. N <= 255.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace s1flow {

template <std::size_t N>
class FixedText {
  static_assert(N <= 255);

 public:
  static constexpr std::size_t kMaxSize = N;

  constexpr FixedText() = default;
  // Nothing when the text is longer than N.
  [[nodiscard]] static std::optional<FixedText> make(std::string_view text) {
    if (text.size() > N) return std::nullopt;
    FixedText t;
    t.size_ = static_cast<std::uint8_t>(text.size());
    if (!text.empty()) std::memcpy(t.bytes_, text.data(), text.size());
    return t;
  }

  [[nodiscard]] std::string_view view() const { return {bytes_, size_}; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  friend bool operator==(const FixedText& a, const FixedText& b) { return a.view() == b.view(); }
  friend auto operator<=>(const FixedText& a, const FixedText& b) { return a.view() <=> b.view(); }

 private:
  std::uint8_t size_ = 0;
  char bytes_[N] = {};
};

// A name that a Requesting Party gives to one SMETS1 Installation: 1 to 32 printable ASCII
// characters other than blank and comma. The form is s1flow's own; layouts may narrow it by their
// schema.
using InstallationId = FixedText<32>;
[[nodiscard]] std::optional<InstallationId> parse_installation_id(std::string_view text);

// DUIS 5.4 FirmwareVersion: 1 to 8 characters.
using FirmwareVersion = FixedText<8>;
[[nodiscard]] constexpr bool is_firmware_version(std::string_view text) {
  return !text.empty() && text.size() <= FirmwareVersion::kMaxSize;
}

}  // namespace s1flow
