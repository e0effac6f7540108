// must fail: static.?assert
// An Arena runs no destructors, so nothing that needs one may be put there.
#include <string>

#include "core/arena.h"

void fill(s1flow::Arena& arena) {
#ifndef S1FLOW_CONTROL
  (void)arena.make_array<std::string>(3);
#else
  (void)arena.make_array<std::string_view>(3);
#endif
}
