#include "codecs/crypto/secret.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include <openssl/crypto.h>

namespace s1flow::codecs::crypto {

void cleanse(std::span<unsigned char> bytes) {
  if (!bytes.empty()) OPENSSL_cleanse(bytes.data(), bytes.size());
}

Secret::Secret(Secret&& other) noexcept
    : bytes_(std::move(other.bytes_)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    cleanse({bytes_.get(), size_});
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
  }
  return *this;
}

Secret::~Secret() {
  cleanse({bytes_.get(), size_});
}

void Secret::grow(std::size_t capacity) {
  if (capacity <= capacity_) return;
  capacity = std::max(capacity, capacity_ * 2);
  auto bigger = std::make_unique<unsigned char[]>(capacity);
  if (size_ != 0) std::memcpy(bigger.get(), bytes_.get(), size_);
  cleanse({bytes_.get(), size_});
  bytes_ = std::move(bigger);
  capacity_ = capacity;
}

void Secret::append(std::span<const unsigned char> bytes) {
  if (bytes.empty()) return;
  grow(size_ + bytes.size());
  std::memcpy(bytes_.get() + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
}

void Secret::resize(std::size_t size) {
  if (size < size_) {
    cleanse({bytes_.get() + size, size_ - size});
  } else if (size > size_) {
    grow(size);
    std::memset(bytes_.get() + size_, 0, size - size_);
  }
  size_ = size;
}

Result<Secret> read_secret(const Path& path, std::size_t limit) {
  S1FLOW_TRY(InputFile file, InputFile::open(path));
  Secret secret;
  std::size_t used = 0;
  for (;;) {
    if (used > limit)
      return tl::unexpected(
          usage_error(path.string() + ": is larger than " + std::to_string(limit) + " bytes"));
    secret.resize(used + 4096);
    S1FLOW_TRY(const std::size_t got,
               file.read(reinterpret_cast<char*>(secret.data()) + used, 4096));
    used += got;
    if (got < 4096) break;
  }
  secret.resize(used);
  return secret;
}

}  // namespace s1flow::codecs::crypto
