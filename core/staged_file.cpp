#include "core/staged_file.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/resource.h>
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

// Descriptors that files without names hold, in the whole process. Half of what it may have is left
// for everything else.
std::atomic<unsigned> held{0};
bool may_hold() {
  static const unsigned most = [] {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0U;
    return static_cast<unsigned>(std::min<rlim_t>(limit.rlim_cur / 2, 1'000));
  }();
  if (held.fetch_add(1, std::memory_order_relaxed) < most) return true;
  held.fetch_sub(1, std::memory_order_relaxed);
  return false;
}

}  // namespace

Result<StagedFile> StagedFile::write(const Path& target, std::string_view bytes,
                                     Overwrite overwrite) {
  StagedFile file;
  file.target_ = target;
  file.overwrite_ = overwrite;
  // Whether the name is free is not asked here: the one who names files keeps the folder busy, and
  // asking would wait for it.
  if (overwrite == Overwrite::no && target.has_filename() && may_hold()) {
    file.fd_ = file_steps::open_unnamed(target);
    if (file.fd_ < 0) held.fetch_sub(1, std::memory_order_relaxed);
  }
  if (file.fd_ >= 0) {
    S1FLOW_TRY_VOID(write_fully(file.fd_, bytes, target));
    return file;
  }
  S1FLOW_TRY_VOID(file_steps::check_target(target, overwrite));
  S1FLOW_TRY(const file_steps::Temporary temporary, file_steps::open_temporary(target));
  file.temporary_ = temporary.path;
  Status status = write_fully(temporary.fd, bytes, target);
  if (::close(temporary.fd) != 0 && errno != EINTR && status)
    status = tl::unexpected(io_error("close", target.string()));
  if (!status) return tl::unexpected(std::move(status).error());
  return file;
}

void StagedFile::let_go() {
  if (fd_ < 0) return;
  ::close(std::exchange(fd_, -1));
  held.fetch_sub(1, std::memory_order_relaxed);
}

Status StagedFile::put_in_place() {
  if (fd_ < 0) return file_steps::put_in_place(std::exchange(temporary_, {}), target_, overwrite_);
  Status status = file_steps::name_file(fd_, target_);
  let_go();
  return status;
}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})),
      fd_(std::exchange(other.fd_, -1)),
      overwrite_(other.overwrite_) {}
StagedFile& StagedFile::operator=(StagedFile&& other) noexcept {
  std::swap(target_, other.target_);
  std::swap(temporary_, other.temporary_);
  std::swap(fd_, other.fd_);
  std::swap(overwrite_, other.overwrite_);
  return *this;
}
StagedFile::~StagedFile() {
  let_go();
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Status StagedFile::commit(const Path& folder, std::vector<StagedFile>& files) {
  if (files.empty()) return {};
  std::vector<StagedFile> ours = std::exchange(files, {});
  S1FLOW_TRY_VOID(sync_file_system(folder));
  for (StagedFile& f : ours) S1FLOW_TRY_VOID(f.put_in_place());
  return sync_folder(folder);
}

}  // namespace s1flow
