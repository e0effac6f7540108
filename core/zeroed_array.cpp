#include "core/zeroed_array.h"

#include <algorithm>
#include <cstdlib>

#include <sys/mman.h>

#include "core/memory_pages.h"

namespace s1flow {
namespace {

// The allocator would give such pieces from what others have freed, and clear them.
constexpr std::size_t kFromSystem = std::size_t{128} * 1024;

}  // namespace

void* allocate_zeroed(std::size_t bytes, Pages pages) {
  if (bytes < kFromSystem) {
    void* const memory = std::calloc(std::max<std::size_t>(bytes, 1), 1);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
  }
  void* const memory =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  if (pages == Pages::at_once) expect_writes(memory, bytes);
  return memory;
}

void free_zeroed(void* memory, std::size_t bytes) noexcept {
  if (bytes < kFromSystem)
    std::free(memory);
  else
    (void)::munmap(memory, bytes);
}

}  // namespace s1flow
