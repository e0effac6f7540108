#include "core/buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/check.h"
#include "core/memory_pages.h"

namespace s1flow {

Buffer::Buffer(Buffer&& other) noexcept
    : bytes_(std::move(other.bytes_)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}
Buffer& Buffer::operator=(Buffer&& other) noexcept {
  bytes_ = std::move(other.bytes_);
  size_ = std::exchange(other.size_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  return *this;
}

void Buffer::reserve(std::size_t capacity) {
  if (capacity <= capacity_ && bytes_) return;
  auto grown = std::unique_ptr<char[]>(new char[capacity + kPadding]);
  expect_writes(grown.get(), capacity);
  if (size_ != 0) std::memcpy(grown.get(), bytes_.get(), size_);
  std::memset(grown.get() + size_, 0, kPadding);
  bytes_ = std::move(grown);
  capacity_ = capacity;
}

void Buffer::set_size(std::size_t size) {
  if (!bytes_) reserve(size);
  S1FLOW_CHECK(size <= capacity_);
  size_ = size;
  std::memset(bytes_.get() + size_, 0, kPadding);
}

void Buffer::append(std::string_view bytes) {
  if (bytes.empty()) return;
  if (size_ + bytes.size() > capacity_ || !bytes_)
    reserve(std::max(size_ + bytes.size(), capacity_ * 2));
  std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
  set_size(size_ + bytes.size());
}

}  // namespace s1flow
