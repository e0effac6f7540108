#include "core/memory.h"

#include <atomic>

namespace s1flow {
namespace {

std::atomic<bool> seen{false};

}  // namespace

void note_out_of_memory() noexcept {
  seen.store(true, std::memory_order_relaxed);
}

bool out_of_memory_seen() noexcept {
  return seen.load(std::memory_order_relaxed);
}

Status check_memory() {
  if (!out_of_memory_seen()) return {};
  return tl::unexpected(
      Error(ErrorKind::io,
            "out of memory; give it more, or use fewer workers and smaller chunks (--workers, "
            "--chunk)"));
}

}  // namespace s1flow
