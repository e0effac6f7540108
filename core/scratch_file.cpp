#include "core/scratch_file.h"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/check.h"

namespace s1flow {

Result<ScratchFile> ScratchFile::create(const Path& folder) {
  ScratchFile file;
  file.folder_ = folder;
  do file.fd_ = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  while (file.fd_ < 0 && errno == EINTR);
  if (file.fd_ < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
    // The file system knows no files without a name: one with a name that nobody can guess, for the
    // moment between making and removing it.
    std::string name = (folder / "s1flow-scratch-XXXXXX.s1flow-part").string();
    file.fd_ = ::mkostemps(name.data(), static_cast<int>(std::string_view(".s1flow-part").size()),
                           O_CLOEXEC);
    if (file.fd_ >= 0) ::unlink(name.c_str());
  }
  if (file.fd_ < 0)
    return tl::unexpected(io_error("make a scratch file in folder", folder.string()));
  return file;
}

ScratchFile::ScratchFile(ScratchFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), size_(other.size_), folder_(std::move(other.folder_)) {}
ScratchFile& ScratchFile::operator=(ScratchFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(size_, other.size_);
  std::swap(folder_, other.folder_);
  return *this;
}
ScratchFile::~ScratchFile() {
  if (fd_ >= 0) ::close(fd_);
}

Status ScratchFile::append(std::string_view bytes) {
  size_ += bytes.size();
  return write_fully(fd_, bytes, folder_ / "(scratch file)");
}

Status ScratchFile::read_at(std::uint64_t offset, char* to, std::size_t size) const {
  S1FLOW_CHECK(offset + size <= size_);
  while (size != 0) {
    const ssize_t n = ::pread(fd_, to, size, static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) errno = EIO;  // what was written is not there any more
    if (n <= 0) return tl::unexpected(io_error("read", (folder_ / "(scratch file)").string()));
    to += n;
    offset += static_cast<std::uint64_t>(n);
    size -= static_cast<std::size_t>(n);
  }
  return {};
}

Result<std::byte*> ScratchFile::map_new(const Path& folder, std::size_t size) {
  S1FLOW_TRY(ScratchFile file, create(folder));
  // A hole could not be filled when the disk is full, and the program would die of it; blocks that
  // are taken now cannot be missing later.
  int code = 0;
  do code = ::posix_fallocate(file.fd_, 0, static_cast<off_t>(size));
  while (code == EINTR);
  if (code != 0) {
    errno = code;
    return tl::unexpected(io_error("take space for a scratch file in folder", folder.string()));
  }
  void* const at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file.fd_, 0);
  if (at == MAP_FAILED)
    return tl::unexpected(io_error("map a scratch file in folder", folder.string()));
  return static_cast<std::byte*>(at);
}

}  // namespace s1flow
