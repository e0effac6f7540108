#pragma once
// RequestID or ResponseID of a DUIS message: originator, target and the originator's counter, as
// `EUI:EUI:counter`. A value of 24 bytes; thread-safe.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/eui64.h"

namespace s1flow::codecs::duis {

struct MessageId {
  // Two EUI-64 of 23 characters, two colons, at most 20 digits.
  static constexpr std::size_t kMostText = 23 + 1 + 23 + 1 + 20;

  Eui64 originator;
  Eui64 target;
  std::uint64_t counter = 0;

  // Exactly the schema's pattern: either case of hex, a counter of 0 … 2^64-1 without leading
  // zeros.
  [[nodiscard]] static std::optional<MessageId> parse(std::string_view text);
  void append_to(std::string& out) const;
  [[nodiscard]] std::string text() const;
  // The ID of the answer to this request: the parties change places, the counter stays.
  [[nodiscard]] MessageId answered() const { return {target, originator, counter}; }

  friend auto operator<=>(const MessageId&, const MessageId&) = default;
};

}  // namespace s1flow::codecs::duis
