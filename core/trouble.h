#pragma once
// Trouble of the machine that may not have reached whom it concerns: memory that ran out inside a
// library, which takes it for a document that is not well-formed or a signature that does not hold;
// a disk or a table of descriptors that failed where a file that cannot be read is merely left out.
// What was found after that cannot be relied upon, so nothing is finished any more once such
// trouble is noted. Thread-safe.

#include <string>

#include "core/result.h"

namespace s1flow {

void note_out_of_memory() noexcept;
[[nodiscard]] bool out_of_memory_seen() noexcept;
// Of calls that failed for want of disk, descriptors or memory; io_error() notes them. The first
// message is kept.
void note_machine_fault(const std::string& message);

// The trouble that was noted, as an io error.
[[nodiscard]] Status check_machine();

}  // namespace s1flow
