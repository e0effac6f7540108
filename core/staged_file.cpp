#include "core/staged_file.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "core/file_steps.h"

namespace s1flow {
namespace {

// Waits until everything on the folder's file system is on the disk; errors since the call of any
// of its files show here.
Status sync_file_system(const Path& folder) {
  int fd = -1;
  do fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  while (fd < 0 && errno == EINTR);
  if (fd < 0) return tl::unexpected(io_error("open folder", folder.string()));
  int rc = -1;
  do rc = ::syncfs(fd);
  while (rc != 0 && errno == EINTR);
  const int saved = errno;
  ::close(fd);
  errno = saved;
  if (rc != 0) return tl::unexpected(io_error("sync the files in", folder.string()));
  return {};
}

}  // namespace

Result<StagedFile> StagedFile::write(const Path& target, std::string_view bytes,
                                     Overwrite overwrite) {
  S1FLOW_TRY(const file_steps::Temporary temporary, file_steps::open_temporary(target, overwrite));
  StagedFile file;
  file.target_ = target;
  file.temporary_ = temporary.path;
  file.overwrite_ = overwrite;
  Status status = write_fully(temporary.fd, bytes, target);
  if (::close(temporary.fd) != 0 && errno != EINTR && status)
    status = tl::unexpected(io_error("close", target.string()));
  if (!status) return tl::unexpected(std::move(status).error());
  return file;
}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})),
      overwrite_(other.overwrite_) {}
StagedFile& StagedFile::operator=(StagedFile&& other) noexcept {
  std::swap(target_, other.target_);
  std::swap(temporary_, other.temporary_);
  std::swap(overwrite_, other.overwrite_);
  return *this;
}
StagedFile::~StagedFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Status StagedFile::commit(const Path& folder, std::vector<StagedFile>& files) {
  if (files.empty()) return {};
  std::vector<StagedFile> ours = std::exchange(files, {});
  S1FLOW_TRY_VOID(sync_file_system(folder));
  for (StagedFile& f : ours)
    S1FLOW_TRY_VOID(
        file_steps::put_in_place(std::exchange(f.temporary_, {}), f.target_, f.overwrite_));
  return sync_folder(folder);
}

}  // namespace s1flow
