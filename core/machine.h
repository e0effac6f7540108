#pragma once
// What a run was made on and what it used, for reports. Reads /proc; unknown values are empty or 0.
// Never an error.

#include <cstddef>
#include <cstdint>

#include "core/run_report.h"

namespace s1flow {

[[nodiscard]] report::Machine this_machine();
// How many files a step may hold open at once, after what the rest of the program needs; at
// least 1.
[[nodiscard]] std::size_t spare_descriptors();
// Largest resident size of this process so far.
[[nodiscard]] std::uint64_t peak_rss_bytes();
// From now on the calling thread, and those that it starts, do not take the processor from another
// thread that wants it (batch scheduling, nice 10). Not undone.
void give_way_to_others();
// The calling thread does little at a time and is to be let run as soon as it wakes. What the
// kernel does not offer stays as it is.
void run_promptly();

}  // namespace s1flow
