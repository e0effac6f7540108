#include "core/sync_ahead.h"

#include <cerrno>
#include <system_error>

#include <unistd.h>

namespace s1flow {

bool SyncAhead::begin(int fd) {
  if (running_.load(std::memory_order_acquire)) return false;
  if (thread_.joinable()) thread_.join();
  running_.store(true, std::memory_order_relaxed);
  try {
    thread_ = std::thread([this, fd] {
      int rc = -1;
      do rc = ::fdatasync(fd);
      while (rc != 0 && errno == EINTR);
      if (rc != 0 && error_ == 0) error_ = errno;
      running_.store(false, std::memory_order_release);
    });
  } catch (const std::system_error&) {
    running_.store(false, std::memory_order_relaxed);
    return false;
  }
  return true;
}

int SyncAhead::wait() {
  if (thread_.joinable()) thread_.join();
  return error_;
}

}  // namespace s1flow
