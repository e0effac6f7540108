#include "core/folder_lock.h"

#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace s1flow {

Result<FolderLock> FolderLock::take(const Path& folder, std::string_view marker,
                                    std::string_view text) {
  S1FLOW_TRY_VOID(make_folder(folder));
  const Path path = folder / marker;
  FolderLock lock;
  do lock.fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
  while (lock.fd_ < 0 && errno == EINTR);
  if (lock.fd_ < 0) return tl::unexpected(io_error("open", path.string()));
  int rc = -1;
  do rc = ::flock(lock.fd_, LOCK_EX | LOCK_NB);
  while (rc != 0 && errno == EINTR);
  if (rc != 0 && errno == EWOULDBLOCK)
    return tl::unexpected(Error(
        ErrorKind::io, folder.string() + ": another run is at work in this folder; wait until "
                                         "it ends or name another output folder"));
  if (rc != 0) return tl::unexpected(io_error("lock", path.string()));
  struct stat st {};
  if (::fstat(lock.fd_, &st) != 0) return tl::unexpected(io_error("stat", path.string()));
  if (!S_ISREG(st.st_mode))
    return tl::unexpected(Error(
        ErrorKind::io, path.string() + ": is not a regular file; name another output folder"));
  if (static_cast<std::uint64_t>(st.st_size) < text.size()) {
    // New, or left half-written by a process that died; anybody else's text stays.
    std::string held(static_cast<std::size_t>(st.st_size), '\0');
    ssize_t got = -1;
    do got = ::pread(lock.fd_, held.data(), held.size(), 0);
    while (got < 0 && errno == EINTR);
    if (got < 0) return tl::unexpected(io_error("read", path.string()));
    held.resize(static_cast<std::size_t>(got));
    if (text.starts_with(held)) S1FLOW_TRY_VOID(write_fully(lock.fd_, text, path));
  }
  return lock;
}

FolderLock::FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}
FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace s1flow
