#pragma once
// An array whose elements begin as zeros, of a size that is fixed when it is made. Pages that
// nobody has touched are never resident, so a large one costs nothing until it is used. Movable;
// copies are the owner's own affair. One thread at a time.

#include <cstddef>
#include <limits>
#include <memory>
#include <new>
#include <type_traits>

namespace s1flow {

// When the pages of a large array are made.
enum class Pages {
  when_touched,
  at_once,  // all of it will be used (core/memory_pages.h)
};

// Zeros; large pieces come from the system. Throws std::bad_alloc.
[[nodiscard]] void* allocate_zeroed(std::size_t bytes, Pages pages = Pages::when_touched);
void free_zeroed(void* memory, std::size_t bytes) noexcept;

template <class T>
class ZeroedArray {
  // All bits zero have to be a value of it, and nothing is to be done when it ends.
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  // Throws std::bad_alloc.
  explicit ZeroedArray(std::size_t size, Pages pages = Pages::when_touched)
      : data_(static_cast<T*>(allocate_zeroed(bytes_of(size), pages)), Free{bytes_of(size)}),
        size_(size) {}

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] T* data() { return data_.get(); }
  [[nodiscard]] const T* data() const { return data_.get(); }
  [[nodiscard]] T& operator[](std::size_t i) { return data_[i]; }
  [[nodiscard]] const T& operator[](std::size_t i) const { return data_[i]; }
  [[nodiscard]] T* begin() { return data(); }
  [[nodiscard]] T* end() { return data() + size_; }
  [[nodiscard]] const T* begin() const { return data(); }
  [[nodiscard]] const T* end() const { return data() + size_; }

 private:
  struct Free {
    std::size_t bytes = 0;
    void operator()(T* p) const { free_zeroed(p, bytes); }
  };
  static std::size_t bytes_of(std::size_t size) {
    if (size > std::numeric_limits<std::size_t>::max() / sizeof(T)) throw std::bad_alloc();
    return size * sizeof(T);
  }
  std::unique_ptr<T[], Free> data_;
  std::size_t size_;
};

}  // namespace s1flow
