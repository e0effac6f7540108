#include "core/trouble.h"

#include <atomic>
#include <mutex>

namespace s1flow {
namespace {

std::atomic<bool> memory_seen{false};
std::atomic<bool> fault_seen{false};
std::mutex mutex;
std::string first_fault;  // under the mutex

}  // namespace

void note_out_of_memory() noexcept {
  memory_seen.store(true, std::memory_order_relaxed);
}

bool out_of_memory_seen() noexcept {
  return memory_seen.load(std::memory_order_relaxed);
}

void note_machine_fault(const std::string& message) {
  const std::lock_guard lock(mutex);
  if (first_fault.empty()) first_fault = message;
  fault_seen.store(true, std::memory_order_release);
}

Status check_machine() {
  if (out_of_memory_seen())
    return tl::unexpected(
        Error(ErrorKind::io,
              "out of memory; give it more, or use fewer workers and smaller chunks (--workers, "
              "--chunk)"));
  if (!fault_seen.load(std::memory_order_acquire)) return {};
  const std::lock_guard lock(mutex);
  return tl::unexpected(Error(ErrorKind::io, first_fault));
}

}  // namespace s1flow
