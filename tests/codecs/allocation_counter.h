#pragma once
// Counts what operator new hands out in this test program, to show that a steady state allocates
// nothing. allocation_counter.cpp replaces the global operators.

#include <cstddef>

namespace s1flow::testing_support {

[[nodiscard]] std::size_t allocations();  // so far, by all threads

}  // namespace s1flow::testing_support
