#include "core/arena.h"

#include <algorithm>
#include <utility>

#include "core/memory_pages.h"

namespace s1flow {
namespace {

constexpr std::size_t kMostBlocks = 8;

}  // namespace

Arena::Arena(Arena&& other) noexcept
    : blocks_(std::exchange(other.blocks_, {})),
      current_(std::exchange(other.current_, 0)),
      here_(std::exchange(other.here_, &nowhere_)),
      room_(std::exchange(other.room_, 0)),
      used_(std::exchange(other.used_, 0)) {}
Arena& Arena::operator=(Arena&& other) noexcept {
  blocks_ = std::exchange(other.blocks_, {});
  current_ = std::exchange(other.current_, 0);
  here_ = std::exchange(other.here_, &nowhere_);
  room_ = std::exchange(other.room_, 0);
  used_ = std::exchange(other.used_, 0);
  return *this;
}

void Arena::use(std::size_t block) {
  current_ = block;
  const bool has = block < blocks_.size();
  here_ = has ? blocks_[block].bytes.get() : &nowhere_;
  room_ = has ? blocks_[block].size : 0;
  used_ = 0;
}

void* Arena::allocate_elsewhere(std::size_t size, std::size_t align) {
  while (current_ + 1 < blocks_.size()) {
    use(current_ + 1);
    if (size <= room_) return allocate(size, align);
  }
  // As much again as there is: memory that a chunk has filled once, the next ones fill too.
  const std::size_t block_size =
      std::max(size, std::clamp(reserved() / kBlock * kBlock, kBlock, kMostBlocks * kBlock));
  // Default-initialised on purpose: the memory is written before it is read.
  blocks_.push_back({std::unique_ptr<std::byte[]>(new std::byte[block_size]), block_size});
  use(blocks_.size() - 1);
  // Of the first block a small file needs little.
  if (current_ != 0) expect_writes(here_, room_);
  return allocate(size, align);
}

void Arena::reset() {
  // A block that one giant record needed is not kept.
  std::erase_if(blocks_, [](const Block& b) { return b.size > 16 * kBlock; });
  use(0);
}

std::size_t Arena::reserved() const {
  std::size_t sum = 0;
  for (const Block& b : blocks_) sum += b.size;
  return sum;
}

}  // namespace s1flow
