#pragma once
// Pages of memory before they are touched. The system makes a page when it is first touched, one
// fault for each: a tenth of a microsecond on bare metal, ten where a virtual machine's host has a
// say. Asked for beforehand they come in one call. Advice only (Linux 5.14, madvise(2)): where the
// system does not take it, pages come as they are touched. Thread-safe.

#include <cstddef>

namespace s1flow {

// All of these bytes, which nobody has touched yet, will be written soon. What is in them stays.
void expect_writes(void* at, std::size_t bytes) noexcept;

// The same for what the calling thread will take from the allocator: the next two megabytes or so,
// such as for a command's options and layouts, or a worker's first chunks.
void expect_allocations() noexcept;

// What the heap takes from the system from now on begins at a large page. To be called at the
// beginning of main().
void align_heap() noexcept;

}  // namespace s1flow
