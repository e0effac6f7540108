#pragma once
// A regular file seen as memory: nothing is read until it is looked at, so that opening costs the
// same whatever its size. Whoever cuts the file while it is mapped ends the program with SIGBUS;
// for files of our own that nobody else writes.

#include <string_view>

#include "core/file.h"

namespace s1flow {

// Move-only owner. Views of it may be used by several threads.
class MappedFile {
 public:
  // As InputFile: no symbolic links, no FIFOs, no devices. An empty file gives no bytes.
  [[nodiscard]] static Result<MappedFile> open(const Path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  [[nodiscard]] std::string_view bytes() const { return {data_, size_}; }

 private:
  MappedFile() = default;
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace s1flow
