#include "core/memory_pages.h"

#include <cerrno>
#include <cstdint>
#include <cstdlib>

#include <sys/mman.h>
#include <unistd.h>

namespace s1flow {
namespace {

// Fewer pages are not worth a call.
constexpr std::size_t kLeast = std::size_t{16} * 1024;
// From here on larger pages are worth it, which also need fewer entries of the table of pages.
constexpr std::size_t kHuge = std::size_t{2} * 1024 * 1024;

#if defined(MADV_POPULATE_WRITE)
constexpr int kPopulate = MADV_POPULATE_WRITE;
#else
constexpr int kPopulate = 23;  // headers before Linux 5.14
#endif

}  // namespace

void expect_writes(void* at, std::size_t bytes) noexcept {
  if (bytes < kLeast) return;
  const int before = errno;  // failing is no failure of the caller's
  static const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  const std::uintptr_t begin = address & ~(page - 1);
  const std::size_t length = address - begin + bytes;
  void* const first = reinterpret_cast<void*>(begin);
  if (bytes >= 2 * kHuge) (void)::madvise(first, length, MADV_HUGEPAGE);
  (void)::madvise(first, length, kPopulate);
  errno = before;
}

void expect_allocations(std::size_t bytes) noexcept {
  // A large piece comes from the system and goes back to it. Once that has happened, the C library
  // takes pieces of that size from its heap, and keeps there what is given back.
  void* volatile piece = std::malloc(2 * bytes);
  std::free(piece);
  piece = std::malloc(bytes);
  if (piece != nullptr) expect_writes(piece, bytes);
  std::free(piece);
}

}  // namespace s1flow
