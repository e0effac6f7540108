// Pages that are asked for are there before they are touched, and nothing else changes.

#include "core/memory_pages.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <limits>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

namespace s1flow {
namespace {

std::size_t page_bytes() {
  return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

class Mapping {
 public:
  explicit Mapping(std::size_t bytes)
      : bytes_(bytes),
        at_(static_cast<char*>(
            ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { (void)::munmap(at_, bytes_); }

  [[nodiscard]] char* at() const { return at_; }
  [[nodiscard]] std::size_t resident_pages() const {
    std::vector<unsigned char> present(bytes_ / page_bytes());
    if (::mincore(at_, bytes_, present.data()) != 0) return 0;
    return static_cast<std::size_t>(std::count_if(present.begin(), present.end(),
                                                  [](unsigned char p) { return (p & 1U) != 0; }));
  }

 private:
  std::size_t bytes_;
  char* at_;
};

// Whether this system knows the advice at all.
bool system_takes_advice() {
  constexpr int kPopulateWrite = 23;
  const Mapping probe(page_bytes());
  return ::madvise(probe.at(), page_bytes(), kPopulateWrite) == 0;
}

long minor_faults() {
  rusage usage{};
  (void)::getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_minflt;
}

TEST(ExpectWritesTest, MakesThePagesAndKeepsWhatIsInThem) {
  if (!system_takes_advice()) GTEST_SKIP() << "this kernel is older than Linux 5.14";
  const std::size_t pages = 64;
  const Mapping memory(pages * page_bytes());
  memory.at()[5] = 'x';
  ASSERT_EQ(memory.resident_pages(), 1U);
  // From the middle of a page into the middle of another.
  expect_writes(memory.at() + page_bytes() / 2, 32 * page_bytes());
  EXPECT_EQ(memory.resident_pages(), 33U);
  expect_writes(memory.at(), pages * page_bytes());
  EXPECT_EQ(memory.resident_pages(), pages);
  EXPECT_EQ(memory.at()[5], 'x');
  EXPECT_EQ(std::count(memory.at(), memory.at() + pages * page_bytes(), '\0'),
            static_cast<std::ptrdiff_t>(pages * page_bytes()) - 1);
}

TEST(ExpectWritesTest, LeavesSmallPiecesAlone) {
  const Mapping memory(4 * page_bytes());
  expect_writes(memory.at(), 100);
  expect_writes(memory.at(), 0);
  EXPECT_EQ(memory.resident_pages(), 0U);
}

TEST(ExpectWritesTest, IsOnlyAdvice) {
  errno = EINTR;
  expect_writes(nullptr, std::size_t{1} << 20);
  expect_writes(nullptr, std::numeric_limits<std::size_t>::max());
  const Mapping memory(16 * page_bytes());
  ASSERT_EQ(::mprotect(memory.at(), 16 * page_bytes(), PROT_READ), 0);
  errno = EINTR;
  expect_writes(memory.at(), 16 * page_bytes());
  EXPECT_EQ(errno, EINTR);
}

TEST(ExpectAllocationsTest, TheNextAllocationsOfTheThreadFaultLess) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers bring an allocator of their own";
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "sanitizers bring an allocator of their own";
#endif
#endif
  if (!system_takes_advice()) GTEST_SKIP() << "this kernel is older than Linux 5.14";
  long faults = 0;
  // In a thread of its own, whose part of the heap nobody has used.
  std::thread([&] {
    constexpr std::size_t kAll = std::size_t{512} * 1024;
    constexpr std::size_t kPiece = 4000;
    expect_allocations();
    std::vector<void*> pieces;
    pieces.reserve(kAll / kPiece);
    const long before = minor_faults();
    for (std::size_t taken = 0; taken + kPiece <= kAll; taken += kPiece) {
      pieces.push_back(std::malloc(kPiece));
      static_cast<volatile char*>(pieces.back())[kPiece / 2] = 'x';
    }
    faults = minor_faults() - before;
    for (void* const piece : pieces) std::free(piece);
  }).join();
  EXPECT_LT(faults, 20);  // of 128 pages
}

}  // namespace
}  // namespace s1flow
