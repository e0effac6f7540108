#pragma once
// What every fuzz target has: one function over bytes. In the `fuzz` preset libFuzzer calls it; in
// every other one replay.cpp does, with the files of corpus/<target>/ and all their truncations, so
// that what was found once is tested for ever.

#include <cstddef>
#include <cstdint>
#include <string_view>

// Aborts when the bytes show a fault of the program; returns 0.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace s1flow {

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace s1flow
