#include "core/block_store.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/memory_pages.h"
#include "core/scratch_file.h"

namespace s1flow {
namespace {

constexpr std::size_t kAlignment = 64;

// Of this process, in bytes; 0 when not known.
struct Resident {
  std::uint64_t all = 0;
  std::uint64_t of_files = 0;
};

Resident resident_bytes() {
  const int fd = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  char text[128] = {};
  const ssize_t n = ::read(fd, text, sizeof text - 1);
  ::close(fd);
  unsigned long mapped = 0, resident = 0, of_files = 0;
  if (n <= 0 || std::sscanf(text, "%lu %lu %lu", &mapped, &resident, &of_files) != 3) return {};
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return {resident * page, of_files * page};
}

// What the program may take beside the budget.
constexpr std::uint64_t kBesideBudget = std::uint64_t{64} << 20;

}  // namespace

BlockStore::BlockStore(MemoryBudget budget) : budget_(std::move(budget)) {}

BlockStore::~BlockStore() {
  for (const Block& b : blocks_) ::munmap(b.at, b.bytes);
}

// A fault brings sixteen pages, and each chunk that is under way touches rows: with ten millions of
// them 32 MiB came between two looks.
std::uint64_t BlockStore::between() const {
  return std::min(budget_.bytes / 4, std::uint64_t{48} << 20);
}

std::byte* BlockStore::map_memory(std::size_t bytes) {
  void* const at =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return nullptr;
  blocks_.push_back({static_cast<std::byte*>(at), bytes, false});
  in_memory_ += bytes;
  return blocks_.back().at;
}

Result<std::byte*> BlockStore::map_file(std::size_t bytes) {
  std::error_code code;
  Path folder =
      budget_.folder.empty() ? std::filesystem::temp_directory_path(code) : budget_.folder;
  if (code) folder = "/tmp";
  if (in_files_ == 0) not_ours_ = resident_bytes().of_files;
  S1FLOW_TRY(std::byte* const at, ScratchFile::map_new(folder, bytes));
  blocks_.push_back({at, bytes, true});
  in_files_ += bytes;
  return at;
}

Result<std::byte*> BlockStore::take(std::size_t bytes, BlockUse use) {
  const std::lock_guard lock(mutex_);
  const bool in_order = use == BlockUse::in_order;
  if (in_memory_ + bytes <= memory_for_blocks() / (in_order ? 4 : 2)) {
    std::byte* const at = map_memory(bytes);
    if (at == nullptr) return tl::unexpected(io_error("take memory", "table"));
    return at;
  }
  if (!in_order) return map_file(bytes);
  // Tables of millions have thousands of such blocks, and each mapping has a price.
  constexpr std::size_t kLeast = std::size_t{1} << 20, kMost = std::size_t{64} << 20;
  const std::size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (left_in_order_ < rounded) {
    const std::size_t size = std::max(rounded, std::clamp(2 * file_bytes_, kLeast, kMost));
    S1FLOW_TRY(next_in_order_, map_file(size));
    left_in_order_ = file_bytes_ = size;
  }
  left_in_order_ -= rounded;
  return std::exchange(next_in_order_, next_in_order_ + rounded);
}

std::byte* BlockStore::take_memory(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  if (in_memory_ + bytes > memory_for_blocks() / 8 * 7) return nullptr;
  return map_memory(bytes);
}

std::vector<BlockStore::Block>::const_iterator BlockStore::find(const std::byte* block) const {
  return std::find_if(blocks_.begin(), blocks_.end(),
                      [&](const Block& b) { return b.at == block; });
}

void BlockStore::give_back(std::byte* block) {
  const std::lock_guard lock(mutex_);
  const auto it = find(block);
  if (it == blocks_.end()) return;
  ::munmap(it->at, it->bytes);
  (it->in_file ? in_files_ : in_memory_) -= it->bytes;
  blocks_.erase(it);
}

std::uint64_t BlockStore::bytes() const {
  const std::lock_guard lock(mutex_);
  return in_memory_ + in_files_;
}

std::uint64_t BlockStore::bytes_in_files() const {
  const std::lock_guard lock(mutex_);
  return in_files_;
}

bool BlockStore::in_file(const std::byte* block) const {
  const std::lock_guard lock(mutex_);
  const auto it = find(block);
  return it != blocks_.end() && it->in_file;
}

void BlockStore::bring(std::byte* at, std::size_t bytes) {
  expect_writes(at, bytes);
}

void BlockStore::let_go(std::byte* at, std::size_t bytes) {
  (void)::madvise(at, bytes, MADV_DONTNEED);
}

void BlockStore::relax() {
  const std::lock_guard lock(mutex_);
  if (in_files_ == 0) return;
  const Resident now = resident_bytes();
  // However much the rest of the program takes, an eighth is for pages of files: with less there
  // would be no end of letting go.
  if (now.all + between() <= budget_.bytes + kBesideBudget ||
      now.of_files <= not_ours_ + memory_for_blocks() / 8)
    return;
  // Of a shared mapping this only forgets where the pages are: what was written stays in the file.
  for (const Block& b : blocks_)
    if (b.in_file) (void)::madvise(b.at, b.bytes, MADV_DONTNEED);
}

}  // namespace s1flow
