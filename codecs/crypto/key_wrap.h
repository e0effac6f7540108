#pragma once
// AES-256 key wrap (RFC 3394) with a key that has been agreed; for codecs/crypto/ alone.

#include <span>

namespace s1flow::codecs::crypto {

// `to` is 8 bytes longer than `from`. False when the library refuses.
[[nodiscard]] bool wrap_key(std::span<const unsigned char> wrap_key,
                            std::span<const unsigned char> from, std::span<unsigned char> to);

}  // namespace s1flow::codecs::crypto
