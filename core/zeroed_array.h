#pragma once
// An array whose elements begin as zeros, of a size that is fixed when it is made. Pages that
// nobody has touched are never resident, so a large one costs nothing until it is used. Movable;
// copies are the owner's own affair. One thread at a time.

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

namespace s1flow {

template <class T>
class ZeroedArray {
  // All bits zero have to be a value of it, and nothing is to be done when it ends.
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  // Throws std::bad_alloc. Above the allocator's threshold for mapping the system gives the zeros.
  explicit ZeroedArray(std::size_t size)
      : data_(static_cast<T*>(std::calloc(size == 0 ? 1 : size, sizeof(T)))), size_(size) {
    if (!data_) throw std::bad_alloc();
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] T* data() { return data_.get(); }
  [[nodiscard]] const T* data() const { return data_.get(); }
  [[nodiscard]] T& operator[](std::size_t i) { return data_[i]; }
  [[nodiscard]] const T& operator[](std::size_t i) const { return data_[i]; }

 private:
  struct Free {
    void operator()(T* p) const { std::free(p); }
  };
  std::unique_ptr<T[], Free> data_;
  std::size_t size_;
};

}  // namespace s1flow
