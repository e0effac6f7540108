#pragma once
// Buffer: owned bytes with kPadding zeroed bytes after the end, so that parsers which read in wide
// steps may over-read. Chunks share ownership of one (std::shared_ptr<const Buffer>) and hand out
// string_views into it. One that was never given a capacity holds nothing, not even padding;
// clear() gives it some. Not thread-safe while it is written.

#include <cstddef>
#include <memory>
#include <string_view>

namespace s1flow {

class Buffer {
 public:
  static constexpr std::size_t kPadding = 64;

  Buffer() = default;
  explicit Buffer(std::size_t capacity) { reserve(capacity); }
  // The other one is empty afterwards and may be used again.
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;

  [[nodiscard]] char* data() { return bytes_.get(); }
  [[nodiscard]] const char* data() const { return bytes_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

  // Keeps the contents; never shrinks.
  void reserve(std::size_t capacity);
  // Sets the size, which must not exceed the capacity, and zeroes the padding.
  void set_size(std::size_t size);
  void append(std::string_view bytes);
  void clear() { set_size(0); }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace s1flow
