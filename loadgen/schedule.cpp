#include "loadgen/schedule.h"

namespace s1flow::loadgen {

void Schedule::due_times(std::uint64_t first, std::uint64_t stride,
                         std::span<Nanoseconds> out) const {
  for (Nanoseconds& time : out) {
    time = due(first);
    first += stride;
  }
}

std::uint64_t Schedule::count_before(Nanoseconds time) const {
  std::uint64_t low = 0, high = count();
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (due(middle) < time)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

}  // namespace s1flow::loadgen
