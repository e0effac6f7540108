#pragma once
// ScratchFile: bytes that do not fit into memory, in a file without a name: nobody else can open
// it, and it is gone with the process, however that ends. One thread at a time.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/file.h"
#include "core/result.h"

namespace s1flow {

class ScratchFile {
 public:
  // In the folder, which should be on a disk.
  [[nodiscard]] static Result<ScratchFile> create(const Path& folder);
  ScratchFile(ScratchFile&& other) noexcept;
  ScratchFile& operator=(ScratchFile&& other) noexcept;
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile();

  [[nodiscard]] Status append(std::string_view bytes);
  // Exactly `size` bytes, which have been appended before.
  [[nodiscard]] Status read_at(std::uint64_t offset, char* to, std::size_t size) const;
  [[nodiscard]] std::uint64_t size() const { return size_; }

  // A file of `size` zero bytes whose blocks are taken already, as memory that the kernel may put
  // away on the disk: it outlives the object, until unmap.
  [[nodiscard]] static Result<std::byte*> map_new(const Path& folder, std::size_t size);

 private:
  ScratchFile() = default;
  int fd_ = -1;
  std::uint64_t size_ = 0;
  Path folder_;
};

}  // namespace s1flow
