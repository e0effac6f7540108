#pragma once
// What one thread hands on to another by way of a library that the thread sanitizer cannot see into
// (the distribution's libtbb is not compiled with it) has to be said. What the library promises is
// said and nothing more, so races beside it are still found. In other builds all of this is
// nothing.

#if defined(__SANITIZE_THREAD__)
#define S1FLOW_THREAD_SANITIZER
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define S1FLOW_THREAD_SANITIZER
#endif
#endif

namespace s1flow {

#if defined(S1FLOW_THREAD_SANITIZER)
// Of a function that reads what the library copied into its own memory, before anything can be said
// of it.
#define S1FLOW_UNSEEN __attribute__((no_sanitize("thread")))

// After all that was handed on by the same address before.
void take_over(void* from);
void hand_on(void* to);
#else
#define S1FLOW_UNSEEN
inline void take_over(void* /*from*/) {}
inline void hand_on(void* /*to*/) {}
#endif

}  // namespace s1flow
