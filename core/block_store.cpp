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

// How many calls of relax() may pass between two looks at what is resident: a look costs some
// microseconds, a chunk some hundred.
constexpr std::uint64_t kLookEvery = 8;

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

}  // namespace

BlockStore::BlockStore(MemoryBudget budget) : budget_(std::move(budget)) {}

BlockStore::~BlockStore() {
  for (const Block& b : blocks_) ::munmap(b.at, b.bytes);
}

Result<std::byte*> BlockStore::take(std::size_t bytes) {
  Block block{nullptr, bytes, in_memory_ + bytes > budget_.bytes / 2};
  if (block.in_file) {
    std::error_code code;
    Path folder =
        budget_.folder.empty() ? std::filesystem::temp_directory_path(code) : budget_.folder;
    if (code) folder = "/tmp";
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
  if (++calls_ % kLookEvery == 0) relax_now();
}

void BlockStore::relax_now() {
  if (in_files_ == 0) return;
  if (resident_file_bytes() <= budget_.bytes / 2) return;
  // Of a shared mapping this only forgets where the pages are: what was written stays in the file.
  for (const Block& b : blocks_)
    if (b.in_file) (void)::madvise(b.at, b.bytes, MADV_DONTNEED);
}

}  // namespace s1flow
