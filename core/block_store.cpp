#include "core/block_store.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/scratch_file.h"

namespace s1flow {
namespace {

// Pages of files in this process; 0 when not known.
std::uint64_t resident_file_bytes() {
  const int fd = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  char text[128] = {};
  const ssize_t n = ::read(fd, text, sizeof text - 1);
  ::close(fd);
  unsigned long all = 0, resident = 0, shared = 0;
  if (n <= 0 || std::sscanf(text, "%lu %lu %lu", &all, &resident, &shared) != 3) return 0;
  return std::uint64_t{shared} * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

// Of the budget, for each of the two kinds. What is left is for pages that come between two looks:
// a fault brings sixteen of them.
std::uint64_t share_of(const MemoryBudget& budget) {
  constexpr std::uint64_t kBetween = std::uint64_t{32} << 20;
  return (budget.bytes - std::min(budget.bytes / 4, kBetween)) / 2;
}

}  // namespace

BlockStore::BlockStore(MemoryBudget budget) : budget_(std::move(budget)) {}

BlockStore::~BlockStore() {
  for (const Block& b : blocks_) ::munmap(b.at, b.bytes);
}

Result<std::byte*> BlockStore::take(std::size_t bytes) {
  Block block{nullptr, bytes, in_memory_ + bytes > share_of(budget_)};
  if (block.in_file) {
    std::error_code code;
    Path folder =
        budget_.folder.empty() ? std::filesystem::temp_directory_path(code) : budget_.folder;
    if (code) folder = "/tmp";
    if (in_files_ == 0) not_ours_ = resident_file_bytes();
    S1FLOW_TRY(block.at, ScratchFile::map_new(folder, bytes));
    in_files_ += bytes;
  } else {
    void* const at =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) return tl::unexpected(io_error("take memory", "table"));
    block.at = static_cast<std::byte*>(at);
    in_memory_ += bytes;
  }
  blocks_.push_back(block);
  return block.at;
}

void BlockStore::give_back(std::byte* block) {
  const auto it =
      std::find_if(blocks_.begin(), blocks_.end(), [&](const Block& b) { return b.at == block; });
  if (it == blocks_.end()) return;
  ::munmap(it->at, it->bytes);
  (it->in_file ? in_files_ : in_memory_) -= it->bytes;
  blocks_.erase(it);
}

void BlockStore::relax() {
  if (in_files_ == 0) return;
  if (resident_file_bytes() <= not_ours_ + share_of(budget_)) return;
  // Of a shared mapping this only forgets where the pages are: what was written stays in the file.
  for (const Block& b : blocks_)
    if (b.in_file) (void)::madvise(b.at, b.bytes, MADV_DONTNEED);
}

}  // namespace s1flow
