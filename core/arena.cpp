#include "core/arena.h"

#include <algorithm>
#include <utility>

namespace s1flow {

Arena::Arena(Arena&& other) noexcept
    : blocks_(std::exchange(other.blocks_, {})),
      current_(std::exchange(other.current_, 0)),
      used_(std::exchange(other.used_, 0)) {}
Arena& Arena::operator=(Arena&& other) noexcept {
  blocks_ = std::exchange(other.blocks_, {});
  current_ = std::exchange(other.current_, 0);
  used_ = std::exchange(other.used_, 0);
  return *this;
}

void* Arena::allocate(std::size_t size, std::size_t align) {
  while (current_ < blocks_.size()) {
    Block& block = blocks_[current_];
    const std::size_t start = (used_ + align - 1) & ~(align - 1);
    if (start <= block.size && size <= block.size - start) {
      used_ = start + size;
      return block.bytes.get() + start;
    }
    ++current_;
    used_ = 0;
  }
  const std::size_t block_size = std::max(kBlock, size);
  // Default-initialised on purpose: the memory is written before it is read.
  blocks_.push_back({std::unique_ptr<std::byte[]>(new std::byte[block_size]), block_size});
  used_ = size;
  return blocks_.back().bytes.get();
}

void Arena::reset() {
  // A block that one giant record needed is not kept.
  std::erase_if(blocks_, [](const Block& b) { return b.size > 16 * kBlock; });
  current_ = 0;
  used_ = 0;
}

std::size_t Arena::reserved() const {
  std::size_t sum = 0;
  for (const Block& b : blocks_) sum += b.size;
  return sum;
}

}  // namespace s1flow
