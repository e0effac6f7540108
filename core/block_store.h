#pragma once
// BlockStore: where a table that may outgrow memory gets its blocks. Up to nearly half of the
// budget they are plain memory. Beyond it they lie in files without a name, whose pages the kernel
// may take from the process at any time; relax() makes it do so, such that what is resident of them
// stays within as much again, and whatever is touched again comes back by itself. The rest of the
// budget, a quarter or 32 MiB, is for what comes between two calls.
//
// Blocks are zeroed and never move. One thread takes and gives; many may use blocks, also while
// relax() runs.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/file.h"
#include "core/result.h"

namespace s1flow {

// How much a job may keep in memory, and where what is more may go.
struct MemoryBudget {
  std::uint64_t bytes = std::uint64_t{1} << 30;
  Path folder;  // empty: the machine's folder for temporary files
};

class BlockStore {
 public:
  explicit BlockStore(MemoryBudget budget = {});
  BlockStore(const BlockStore&) = delete;
  BlockStore& operator=(const BlockStore&) = delete;
  ~BlockStore();

  [[nodiscard]] Result<std::byte*> take(std::size_t bytes);
  void give_back(std::byte* block);
  // To be called now and then, such as once for each chunk: a touch brings back sixteen pages of
  // a file, so that what is resident grows quickly. It takes some microseconds, and nothing as long
  // as nothing lies in files.
  void relax();
  [[nodiscard]] std::uint64_t bytes() const { return in_memory_ + in_files_; }
  [[nodiscard]] std::uint64_t bytes_in_files() const { return in_files_; }

 private:
  struct Block {
    std::byte* at = nullptr;
    std::size_t bytes = 0;
    bool in_file = false;
  };
  MemoryBudget budget_;
  std::vector<Block> blocks_;
  std::uint64_t in_memory_ = 0, in_files_ = 0;
  std::uint64_t not_ours_ = 0;  // pages of files that are resident and are the program's own
};

}  // namespace s1flow
