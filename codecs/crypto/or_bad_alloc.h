#pragma once
// or_bad_alloc(): what OpenSSL makes unless memory ran out. Some of its functions look into what
// they are given without asking whether it is there.

#include <new>

namespace s1flow::codecs::crypto {

// The object; throws std::bad_alloc, as any other allocation would, when there is none.
template <typename T>
[[nodiscard]] T* or_bad_alloc(T* object) {
  if (object == nullptr) throw std::bad_alloc();
  return object;
}

}  // namespace s1flow::codecs::crypto
