#pragma once
// SyncAhead: brings what was written of a big file to the disk while the rest is being made. To
// tell the kernel to begin writing is not enough: disks keep what they get in a cache of their own,
// and emptying that is most of the last sync's time. So whole syncs run beside the work, one at a
// time, each on a thread of its own that ends with it.
//
// Not thread-safe; the descriptor has to stay open until wait() has returned.

#include <atomic>
#include <thread>

namespace s1flow {

class SyncAhead {
 public:
  SyncAhead() = default;
  SyncAhead(const SyncAhead&) = delete;
  SyncAhead& operator=(const SyncAhead&) = delete;
  ~SyncAhead() { (void)wait(); }

  // Syncs what `fd` has got so far. False: an earlier sync runs still, or there is no thread for
  // it; nothing is lost, since the last sync is the caller's.
  bool begin(int fd);
  // Waits for a sync that runs. The first error (errno) of any of them, or 0: the kernel reports
  // lost bytes once only, so a later sync would not tell.
  [[nodiscard]] int wait();

 private:
  std::thread thread_;
  std::atomic<bool> running_{false};
  int error_ = 0;  // of the thread while it runs
};

}  // namespace s1flow
