#pragma once
// BlockStore: where a table that may outgrow memory gets its blocks. As far as the budget goes they
// are plain memory. Beyond it they lie in files without a name, whose pages the kernel may take
// from the process at any time; relax() makes it do so, such that the whole process stays within
// the budget and 64 MiB for all that is not in blocks, and whatever is touched again comes back by
// itself. A part of it, a quarter of the budget or 48 MiB, is for what comes between two calls.
//
// Blocks are zeroed and never move. Thread-safe; relax() may run while others use blocks.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "core/file.h"
#include "core/result.h"

namespace s1flow {

// How much a job may keep in memory, and where what is more may go.
struct MemoryBudget {
  std::uint64_t bytes = std::uint64_t{1} << 30;
  Path folder;  // empty: the machine's folder for temporary files
};

// How the bytes of a block are come upon: who suffers most from lying in a file gets memory
// longest.
enum class BlockUse : std::uint8_t {
  in_order,   // from one end to the other: memory up to a quarter of the budget
  scattered,  // anywhere, each time: up to half of it
};

class BlockStore {
 public:
  explicit BlockStore(MemoryBudget budget = {});
  BlockStore(const BlockStore&) = delete;
  BlockStore& operator=(const BlockStore&) = delete;
  ~BlockStore();

  [[nodiscard]] Result<std::byte*> take(std::size_t bytes, BlockUse use = BlockUse::in_order);
  // Plain memory, up to seven eighths of the budget; nullptr when there is none left.
  [[nodiscard]] std::byte* take_memory(std::size_t bytes);
  // Those that are in order stay: many of them may share a file.
  void give_back(std::byte* block);
  // Whether the block, a scattered one, lies in a file.
  [[nodiscard]] bool in_file(const std::byte* block) const;
  // These bytes of a block in a file will be written soon, or are not needed for now.
  static void bring(std::byte* at, std::size_t bytes);
  static void let_go(std::byte* at, std::size_t bytes);
  // To be called now and then, such as once for each chunk or some dozen places: a touch brings
  // sixteen pages of a file, so that what is resident grows quickly. It takes some microseconds,
  // and nothing as long as nothing lies in files.
  void relax();
  [[nodiscard]] std::uint64_t bytes() const;
  [[nodiscard]] std::uint64_t bytes_in_files() const;

 private:
  struct Block {
    std::byte* at = nullptr;
    std::size_t bytes = 0;
    bool in_file = false;
  };
  // Of the budget, for what comes between two calls of relax(), and the rest.
  [[nodiscard]] std::uint64_t between() const;
  [[nodiscard]] std::uint64_t memory_for_blocks() const { return budget_.bytes - between(); }
  [[nodiscard]] std::byte* map_memory(std::size_t bytes);
  [[nodiscard]] Result<std::byte*> map_file(std::size_t bytes);
  [[nodiscard]] std::vector<Block>::const_iterator find(const std::byte* block) const;
  MemoryBudget budget_;
  mutable std::mutex mutex_;  // of what follows
  std::vector<Block> blocks_;
  std::byte* next_in_order_ = nullptr;  // what is left of the last file for such blocks
  std::size_t left_in_order_ = 0;
  std::size_t file_bytes_ = 0;  // of that file
  std::uint64_t in_memory_ = 0, in_files_ = 0;
  std::uint64_t not_ours_ = 0;  // bytes of files that are resident and are the program's own
};

}  // namespace s1flow
