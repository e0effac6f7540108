#pragma once
// Memory that ran out where nobody of ours could see it: inside a library that takes the failure
// for something else, such as a document that is not well-formed or a signature that does not hold.
// What was found after that cannot be relied upon, so nothing is finished any more once this is
// noted. Thread-safe.

#include "core/result.h"

namespace s1flow {

void note_out_of_memory() noexcept;
[[nodiscard]] bool out_of_memory_seen() noexcept;
// An io error once memory has run out.
[[nodiscard]] Status check_memory();

}  // namespace s1flow
