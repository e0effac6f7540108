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

#if defined(MADV_COLLAPSE)
constexpr int kCollapse = MADV_COLLAPSE;
#else
constexpr int kCollapse = 25;  // headers before Linux 6.1
#endif

// The large page that a piece of a heap begins in, if all of it lies in that heap: pages of it that
// were made already become parts of the large one. Heaps of threads begin at one (glibc), that of
// the process does after align_heap().
bool make_large(const void* piece) noexcept {
  const std::uintptr_t begin = reinterpret_cast<std::uintptr_t>(piece) / kHuge * kHuge;
  return ::madvise(reinterpret_cast<void*>(begin), kHuge, kCollapse) == 0;
}

}  // namespace

void expect_writes(void* at, std::size_t bytes) noexcept {
  if (bytes < kLeast) return;
  const int before = errno;  // failing is no failure of the caller's
  static const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto address = reinterpret_cast<std::uintptr_t>(at);
  const std::uintptr_t begin = address & ~(page - 1);
  const std::size_t length = address - begin + bytes;
  void* const first = reinterpret_cast<void*>(begin);
  if (bytes >= kHuge) (void)::madvise(first, length, MADV_HUGEPAGE);
  (void)::madvise(first, length, kPopulate);
  errno = before;
}

void expect_allocations() noexcept {
  constexpr std::size_t kPiece = kHuge;  // so that the heap has a whole large page
  // A large piece comes from the system and goes back to it. Once that has happened, the C library
  // takes pieces of that size from its heap, and keeps there what is given back.
  void* volatile piece = std::malloc(2 * kPiece);
  std::free(piece);
  piece = std::malloc(kPiece);
  const int before = errno;
  if (piece != nullptr && !make_large(piece)) expect_writes(piece, kPiece);
  errno = before;
  std::free(piece);
}

void align_heap() noexcept {
  const int before = errno;
  const auto end = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  if (end != static_cast<std::uintptr_t>(-1))
    (void)::sbrk(static_cast<std::intptr_t>((0 - end) % kHuge));
  errno = before;
}

}  // namespace s1flow
