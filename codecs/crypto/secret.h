#pragma once
// Secret: bytes that are wiped when they are replaced or go away: key files, content keys,
// decrypted text. Move-only, so that no copy is made by accident; never shown in a message. They
// lie in pages of their own, which are left out of core files and, as far as the process may lock
// memory, never written to swap.
//
// Thread safety: a value.

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "core/file.h"
#include "core/result.h"

namespace s1flow::codecs::crypto {

// Overwrites the bytes in a way that the compiler does not leave out.
void cleanse(std::span<unsigned char> bytes);

// Once, before the first key is read: sets aside locked pages that core files leave out for small
// secrets and for OpenSSL's private keys.
void prepare_secret_memory();

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::span<const unsigned char> bytes) { append(bytes); }
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  void append(std::span<const unsigned char> bytes);
  // Makes the size `size`; new bytes are zero, bytes that fall off are wiped.
  void resize(std::size_t size);
  // Wipes the bytes and keeps the memory.
  void clear() { resize(0); }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] unsigned char* data() { return bytes_.get(); }
  [[nodiscard]] std::span<const unsigned char> bytes() const { return {bytes_.get(), size_}; }
  [[nodiscard]] std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes_.get()), size_};
  }

 private:
  void grow(std::size_t capacity);
  struct Release {
    std::size_t mapped;  // bytes of pages of its own; 0: of the pages set aside
    void operator()(unsigned char* p) const noexcept;
  };
  using Bytes = std::unique_ptr<unsigned char[], Release>;
  [[nodiscard]] static Bytes allocate(std::size_t size);
  Bytes bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// A whole small file (a key, a password) that leaves no copy in freed memory.
[[nodiscard]] Result<Secret> read_secret(const Path& path, std::size_t limit = 64UL * 1024);

// A password from a file, or from an open descriptor when `where` is "fd:N"; a line feed at its end
// is left out. Never from an argument or the environment, where others could read it.
[[nodiscard]] Result<Secret> read_password(const std::string& where);

}  // namespace s1flow::codecs::crypto
