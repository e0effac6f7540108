// must fail: ignoring return(ed)? value
// A Status that nobody looks at would hide that the work was not done.
#include "core/file.h"

void save() {
#ifndef S1FLOW_CONTROL
  s1flow::write_whole("a", "b");
#else
  (void)s1flow::write_whole("a", "b");
#endif
}
