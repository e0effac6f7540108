#include "core/hand_over.h"

#if defined(S1FLOW_THREAD_SANITIZER)

extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
// TBB calls us from its headers, and what it reads and writes there itself cannot be said to be in
// order. Only what has its own place in TBB is left out, not what TBB calls.
const char* __tsan_default_suppressions();
const char* __tsan_default_suppressions() {
  return "race_top:^tbb::detail::\nrace_top:^enqueue_task$\ncalled_from_lib:libtbb.so";
}
}

namespace s1flow {

void take_over(void* from) {
  __tsan_acquire(from);
}
void hand_on(void* to) {
  __tsan_release(to);
}

}  // namespace s1flow

#endif
