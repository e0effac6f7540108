#pragma once
// A small batch for tests of the load engine: the tests' PKI, one installation, the DCC, the clock.

#include "core/file.h"

namespace s1flow::loadgen::testing_support {

inline constexpr std::uint64_t kHub = 0x001DB20000000001;
inline constexpr std::uint64_t kEsme = 0x001DB20000000003;
inline constexpr std::uint64_t kGsme = 0x001DB20000000004;

// Made once per program; nobody writes to it.
[[nodiscard]] const Path& batch_of_tests();

}  // namespace s1flow::loadgen::testing_support
