// must fail: (no match|invalid operands).*
// Each id is its own type: an EUI-64 is not a number that happens to be one.
#include "core/eui64.h"

bool same(s1flow::Eui64 id) {
#ifndef S1FLOW_CONTROL
  return id == 0x70B3D51F3000A008ULL;
#else
  return id == s1flow::Eui64(0x70B3D51F3000A008ULL);
#endif
}
