#pragma once
// Base64 into memory of the caller's, for hot loops that must not allocate; the rest is in
// core/text.h. Pure and thread-safe.

#include <cstddef>
#include <string_view>

namespace s1flow {

// As decode_base64 of core/text.h; `to` has room for three octets per four characters begun. `size`
// becomes the number of octets.
[[nodiscard]] bool decode_base64_into(std::string_view text, char* to, std::size_t& size);

}  // namespace s1flow
