#pragma once
// Arena: memory for the records of one chunk. Allocation moves a pointer; nothing is freed until
// reset(), which keeps the blocks for the next chunk, so a steady state allocates nothing. Objects
// put here must not need a destructor. Not thread-safe: one per token.

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace s1flow {

class Arena {
 public:
  static constexpr std::size_t kBlock = std::size_t{64} * 1024;

  Arena() = default;
  // What was handed out stays valid and belongs to the new one; the other starts afresh.
  Arena(Arena&& other) noexcept;
  Arena& operator=(Arena&& other) noexcept;

  // `align` is a power of two, at most alignof(std::max_align_t).
  [[nodiscard]] void* allocate(std::size_t size, std::size_t align = alignof(std::max_align_t)) {
    const std::size_t start = (used_ + align - 1) & ~(align - 1);
    if (start > room_ || size > room_ - start) return allocate_elsewhere(size, align);
    used_ = start + size;
    return here_ + start;
  }

  template <typename T>
  [[nodiscard]] std::span<T> make_array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    static_assert(alignof(T) <= alignof(std::max_align_t));
    T* first = static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
    for (std::size_t i = 0; i < count; ++i) new (first + i) T();
    return {first, count};
  }

  [[nodiscard]] std::string_view copy(std::string_view text) {
    char* to = static_cast<char*>(allocate(text.size(), 1));
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }

  // Everything handed out so far becomes invalid.
  void reset();
  [[nodiscard]] std::size_t reserved() const;  // bytes held

 private:
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
  };
  [[nodiscard]] void* allocate_elsewhere(std::size_t size, std::size_t align);
  void use(std::size_t block);

  inline static std::byte nowhere_{};
  std::vector<Block> blocks_;
  std::size_t current_ = 0;  // the block in use: `room_` bytes at `here_`, and `used_` of them gone
  std::byte* here_ = &nowhere_;
  std::size_t room_ = 0;
  std::size_t used_ = 0;
};

}  // namespace s1flow
