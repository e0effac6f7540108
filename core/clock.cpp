#include "core/clock.h"

#include <time.h>

namespace s1flow {

Nanoseconds SteadyClock::now() const {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return Nanoseconds{t.tv_sec * 1'000'000'000LL + t.tv_nsec};
}

}  // namespace s1flow
