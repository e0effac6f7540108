#include "core/random.h"

#include <bit>
#include <cstring>

namespace s1flow {

std::uint64_t hash64(std::string_view bytes, std::uint64_t salt) {
  std::uint64_t h = mix64(salt ^ (bytes.size() * 0x9E3779B97F4A7C15ULL));
  const char* p = bytes.data();
  std::size_t n = bytes.size();
  for (; n >= 8; p += 8, n -= 8) {
    std::uint64_t word = 0;
    for (int i = 0; i < 8; ++i)
      word |= static_cast<std::uint64_t>(static_cast<unsigned char>(p[i])) << (8 * i);
    h = mix64(h ^ word) * 0x9E3779B97F4A7C15ULL;
  }
  std::uint64_t tail = 0;
  if (n != 0 && bytes.size() >= 8 && std::endian::native == std::endian::little) {
    // The last eight bytes, without those that are done.
    std::memcpy(&tail, p + n - 8, sizeof tail);
    tail >>= 8 * (8 - n);
  } else {
    for (std::size_t i = 0; i < n; ++i)
      tail |= static_cast<std::uint64_t>(static_cast<unsigned char>(p[i])) << (8 * i);
  }
  return mix64(h ^ tail);
}

}  // namespace s1flow
