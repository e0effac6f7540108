#pragma once
// Base64 into memory of the caller's, for hot loops that must not allocate; the rest is in
// core/text.h. Pure and thread-safe.

#include <cstddef>
#include <optional>
#include <string_view>

namespace s1flow {

// As decode_base64 of core/text.h; `to` has room for three octets per four characters begun. Gives
// the number of octets.
[[nodiscard]] std::optional<std::size_t> decode_base64_into(std::string_view text, char* to);

}  // namespace s1flow
