#include "codecs/crypto/secret.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <string>
#include <utility>

#include <openssl/crypto.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/text.h"

namespace s1flow::codecs::crypto {

namespace {

constexpr std::size_t kSetAside = 2UL << 20;
constexpr std::size_t kLeastBlock = 32;
constexpr std::size_t kMostSmall = 4096;
constexpr std::size_t kPage = 4096;

}  // namespace

void cleanse(std::span<unsigned char> bytes) {
  if (!bytes.empty()) OPENSSL_cleanse(bytes.data(), bytes.size());
}

void prepare_secret_memory() {
  // Locking may be refused to us; the pages are left out of core files all the same.
  if (CRYPTO_secure_malloc_initialized() == 0)
    (void)CRYPTO_secure_malloc_init(kSetAside, kLeastBlock);
}

Secret::Bytes Secret::allocate(std::size_t size) {
  if (size <= kMostSmall && CRYPTO_secure_malloc_initialized() != 0)
    if (void* p = OPENSSL_secure_zalloc(size); p != nullptr)
      return {static_cast<unsigned char*>(p), Release{0}};
  const std::size_t mapped = (size + kPage - 1) / kPage * kPage;
  void* p = ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) throw std::bad_alloc();  // as any other allocation would
  (void)::madvise(p, mapped, MADV_DONTDUMP);
  (void)::mlock(p, mapped);
  return {static_cast<unsigned char*>(p), Release{mapped}};
}

void Secret::Release::operator()(unsigned char* p) const noexcept {
  if (mapped != 0)
    (void)::munmap(p, mapped);
  else
    OPENSSL_secure_free(p);
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
  Bytes bigger = allocate(capacity);
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

namespace {

constexpr std::size_t kMostPassword = 4096;

// `read` fills a buffer and gives fewer bytes than it has room for at the end only.
template <typename Read>
Result<Secret> read_all(const std::string& name, std::size_t limit, Read read) {
  Secret secret;
  std::size_t used = 0;
  for (;;) {
    if (used > limit)
      return tl::unexpected(
          usage_error(name + ": is larger than " + std::to_string(limit) + " bytes"));
    secret.resize(used + 4096);
    S1FLOW_TRY(const std::size_t got,
               read(reinterpret_cast<char*>(secret.data()) + used, std::size_t{4096}));
    used += got;
    if (got < 4096) break;
  }
  secret.resize(used);
  return secret;
}

Result<std::size_t> read_descriptor(int fd, const std::string& name, char* to, std::size_t size) {
  std::size_t got = 0;
  while (got < size) {
    const ssize_t n = ::read(fd, to + got, size - got);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return tl::unexpected(io_error("read", name));
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  return got;
}

}  // namespace

Result<Secret> read_secret(const Path& path, std::size_t limit) {
  S1FLOW_TRY(InputFile file, InputFile::open(path));
  return read_all(path.string(), limit,
                  [&](char* to, std::size_t size) { return file.read(to, size); });
}

Result<Secret> read_password(const std::string& where) {
  constexpr std::string_view kDescriptor = "fd:";
  Result<Secret> password = tl::unexpected(usage_error(""));
  if (where.starts_with(kDescriptor)) {
    const auto fd = parse_decimal(std::string_view(where).substr(kDescriptor.size()));
    if (!fd || *fd > 1'000'000)
      return tl::unexpected(usage_error(where + ": write fd:N, N being an open descriptor"));
    password = read_all(where, kMostPassword, [&](char* to, std::size_t size) {
      return read_descriptor(static_cast<int>(*fd), where, to, size);
    });
  } else {
    password = read_secret(where, kMostPassword);
  }
  if (!password) return password;
  std::size_t size = password->size();
  if (password->view().ends_with('\n')) --size;
  if (password->view().substr(0, size).ends_with('\r')) --size;
  password->resize(size);
  return password;
}

}  // namespace s1flow::codecs::crypto
