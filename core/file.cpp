#include "core/file.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/direct_writer.h"
#include "core/file_steps.h"
#include "core/folder.h"
#include "core/sync_ahead.h"

namespace s1flow {
namespace {

constexpr std::size_t kGather = std::size_t{64} * 1024;
constexpr std::size_t kReadAtOnce = std::size_t{64} * 1024;
constexpr std::string_view kTemporarySuffix = ".s1flow-part";

int open_retrying(const char* path, int flags, mode_t mode = 0) {
  int fd = -1;
  do fd = ::open(path, flags | O_CLOEXEC, mode);
  while (fd < 0 && errno == EINTR);
  return fd;
}

// As much is reserved at a time, and of as much a sync is begun while the rest is made: the last
// sync then finds little left to do.
constexpr std::uint64_t kReserve = std::uint64_t{16} << 20;
constexpr std::uint64_t kStart = std::uint64_t{8} << 20;
constexpr std::size_t kNameMax = 255;

}  // namespace

Status write_fully(int fd, std::string_view bytes, const Path& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      return tl::unexpected(io_error("write", path.string()));
    }
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Status sync_folder(const Path& folder) {
  const int fd = open_retrying(folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (fd < 0) return tl::unexpected(io_error("open folder", folder.string()));
  int rc = -1;
  do rc = ::fsync(fd);
  while (rc != 0 && errno == EINTR);
  const int saved = errno;
  ::close(fd);
  errno = saved;
  // Some file systems cannot sync a folder and say so with EINVAL; there is nothing to wait for
  // then.
  if (rc != 0 && errno != EINVAL) return tl::unexpected(io_error("sync folder", folder.string()));
  return {};
}

Status make_folder(const Path& folder) {
  if (folder.empty()) return {};
  struct stat st {};
  if (::stat(folder.c_str(), &st) == 0) {
    if (S_ISDIR(st.st_mode)) return {};
    return tl::unexpected(
        Error(ErrorKind::io, folder.string() + ": is not a folder; name another output place"));
  }
  if (errno != ENOENT) return tl::unexpected(io_error("look for folder", folder.string()));
  const Path above = folder.parent_path();
  S1FLOW_TRY_VOID(make_folder(above));
  if (::mkdir(folder.c_str(), 0700) == 0) return sync_folder(above.empty() ? Path(".") : above);
  if (errno == EEXIST) return {};
  return tl::unexpected(io_error("make folder", folder.string()));
}

Status remove_temporary_files(const Path& folder, Depth depth) {
  S1FLOW_TRY(const std::vector<FolderEntry> entries, entries_in(folder, Missing::is_empty));
  for (const auto& [name, kind] : entries) {
    const Path path = folder / name;
    if (kind == FileKind::folder && depth == Depth::all) {
      S1FLOW_TRY_VOID(remove_temporary_files(path, depth));
    } else if (kind == FileKind::file && name.ends_with(kTemporarySuffix)) {
      if (::unlink(path.c_str()) != 0) return tl::unexpected(io_error("remove", path.string()));
    }
  }
  return {};
}

Result<InputFile> InputFile::open(const Path& path) {
  InputFile file;
  file.path_ = path;
  if (path == "-") {
    file.fd_ = ::fcntl(0, F_DUPFD_CLOEXEC, 3);
    if (file.fd_ < 0) return tl::unexpected(io_error("read", "standard input"));
    return file;
  }
  // O_NONBLOCK so that a FIFO without a writer cannot stop us before fstat tells what it is.
  file.fd_ = open_retrying(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (file.fd_ < 0) {
    if (errno == ELOOP)
      return tl::unexpected(
          Error(ErrorKind::io, path.string() + ": is a symbolic link; name the file itself"));
    return tl::unexpected(io_error("open", path.string()));
  }
  struct stat st {};
  if (::fstat(file.fd_, &st) != 0) return tl::unexpected(io_error("stat", path.string()));
  if (!S_ISREG(st.st_mode))
    return tl::unexpected(
        Error(ErrorKind::io, path.string() + ": is not a regular file; name a file"));
  file.size_ = static_cast<std::uint64_t>(st.st_size);
  // What is smaller is read at once anyway.
  if (file.size_ > kReadAtOnce) (void)::posix_fadvise(file.fd_, 0, 0, POSIX_FADV_SEQUENTIAL);
  return file;
}

InputFile::InputFile(InputFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), size_(other.size_) {}
InputFile& InputFile::operator=(InputFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(size_, other.size_);
  return *this;
}
InputFile::~InputFile() {
  if (fd_ >= 0) ::close(fd_);
}

Result<std::size_t> InputFile::read(char* to, std::size_t size) {
  std::size_t got = 0;
  while (got < size) {
    const ssize_t n = ::read(fd_, to + got, size - got);
    if (n < 0) {
      if (errno == EINTR) continue;
      return tl::unexpected(io_error("read", path_.string()));
    }
    if (n == 0) break;
    got += static_cast<std::size_t>(n);
  }
  return got;
}

namespace file_steps {

namespace {

Error exists_already(const Path& target) {
  return {ErrorKind::usage,
          target.string() + ": exists already; name another output or give --overwrite"};
}

}  // namespace

Status check_target(const Path& target, Overwrite overwrite) {
  struct stat st {};
  const bool exists = ::lstat(target.c_str(), &st) == 0;
  if (!exists && errno != ENOENT && errno != ENOTDIR)
    return tl::unexpected(io_error("create", target.string()));
  if (!target.has_filename() || (exists && S_ISDIR(st.st_mode)))
    return tl::unexpected(Error(ErrorKind::usage, (target.empty() ? "output" : target.string()) +
                                                      ": is not the name of a file; name one"));
  if (overwrite == Overwrite::no && exists) return tl::unexpected(exists_already(target));
  return {};
}

Result<Temporary> open_temporary(const Path& target) {
  static std::atomic<unsigned> counter{0};
  Temporary made;
  // The folder is most often there, and is only looked for when it turns out not to be.
  bool folder_made = false;
  for (int attempt = 0; attempt < 100; ++attempt) {
    const std::string own = "." + std::to_string(::getpid()) + "-" + std::to_string(counter++) +
                            std::string(kTemporarySuffix);
    const std::string name = target.filename().string();
    made.path =
        target.parent_path() / (name.substr(0, std::min(name.size(), kNameMax - own.size())) + own);
    made.fd = open_retrying(made.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (made.fd >= 0) return made;
    if (!folder_made && (errno == ENOENT || errno == ENOTDIR)) {
      S1FLOW_TRY_VOID(make_folder(target.parent_path()));
      folder_made = true;
    } else if (errno != EEXIST) {
      break;
    }
  }
  return tl::unexpected(io_error("create", made.path.string()));
}

int open_unnamed(const Path& target) {
  // It gets its name by way of /proc.
  static const bool has_proc = ::access("/proc/self/fd", X_OK) == 0;
  if (!has_proc) {
    errno = EOPNOTSUPP;
    return -1;
  }
  const Path folder = target.has_parent_path() ? target.parent_path() : Path(".");
  return open_retrying(folder.c_str(), O_TMPFILE | O_WRONLY, 0600);
}

Status name_file(int fd, const Path& target) {
  const auto link = [&](int folder, const char* path, int flag) {
    int rc = -1;
    do rc = ::linkat(folder, path, AT_FDCWD, target.c_str(), flag);
    while (rc != 0 && errno == EINTR);
    return rc == 0;
  };
  // By the descriptor itself is quicker, but a privilege on older kernels, which without it say
  // that nothing is there.
  static std::atomic<bool> by_itself{true};
  if (by_itself.load(std::memory_order_relaxed)) {
    if (link(fd, "", AT_EMPTY_PATH)) return {};
    if (errno == ENOENT) by_itself.store(false, std::memory_order_relaxed);
  }
  const std::string by_number = "/proc/self/fd/" + std::to_string(fd);
  if (link(AT_FDCWD, by_number.c_str(), AT_SYMLINK_FOLLOW)) return {};
  if (errno == EEXIST) return tl::unexpected(exists_already(target));
  return tl::unexpected(io_error("name the finished file", target.string()));
}

Status put_in_place(const Path& temporary, const Path& target, Overwrite overwrite) {
  // Without --overwrite the rename must not replace a file that came up meanwhile.
  const unsigned flags = overwrite == Overwrite::no ? 1U /* RENAME_NOREPLACE */ : 0U;
  int rc = -1;
  do rc = ::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, target.c_str(), flags);
  while (rc != 0 && errno == EINTR);
  if (rc != 0 && errno == EINVAL &&
      flags != 0) {  // the file system knows no flags: link refuses an existing name too
    rc = ::link(temporary.c_str(), target.c_str());
    if (rc == 0) ::unlink(temporary.c_str());
  }
  if (rc == 0) return {};
  Error error = io_error("rename the finished file to", target.string());
  ::unlink(temporary.c_str());
  return tl::unexpected(std::move(error));
}

}  // namespace file_steps

Result<OutputFile> OutputFile::create(const Path& target, Overwrite overwrite,
                                      ReadAgain read_again) {
  S1FLOW_TRY_VOID(file_steps::check_target(target, overwrite));
  S1FLOW_TRY(file_steps::Temporary temporary, file_steps::open_temporary(target));
  OutputFile file;
  file.target_ = target;
  file.overwrite_ = overwrite;
  file.temporary_ = std::move(temporary.path);
  file.fd_ = temporary.fd;
  file.may_go_directly_ = read_again == ReadAgain::later;
  return file;
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : target_(std::move(other.target_)),
      temporary_(std::move(other.temporary_)),
      pending_(std::move(other.pending_)),
      fd_(std::exchange(other.fd_, -1)),
      written_(other.written_),
      on_file_(other.on_file_),
      reserved_(other.reserved_),
      started_(other.started_),
      ahead_(std::move(other.ahead_)),
      direct_(std::move(other.direct_)),
      may_go_directly_(other.may_go_directly_),
      overwrite_(other.overwrite_),
      failed_(other.failed_),
      parked_(std::exchange(other.parked_, false)) {}
OutputFile& OutputFile::operator=(OutputFile&& other) noexcept {
  if (this != &other) {
    discard();
    target_ = std::move(other.target_);
    temporary_ = std::move(other.temporary_);
    pending_ = std::move(other.pending_);
    fd_ = std::exchange(other.fd_, -1);
    written_ = other.written_;
    on_file_ = other.on_file_;
    reserved_ = other.reserved_;
    started_ = other.started_;
    ahead_ = std::move(other.ahead_);
    direct_ = std::move(other.direct_);
    may_go_directly_ = other.may_go_directly_;
    overwrite_ = other.overwrite_;
    failed_ = other.failed_;
    parked_ = std::exchange(other.parked_, false);
  }
  return *this;
}
OutputFile::~OutputFile() {
  discard();
}

void OutputFile::discard() {
  if (fd_ < 0 && !parked_) return;
  ahead_.reset();
  direct_.reset();
  if (!std::exchange(parked_, false)) ::close(std::exchange(fd_, -1));
  ::unlink(temporary_.c_str());
}

Status OutputFile::flush() {
  Status status = put(pending_);
  pending_.clear();
  return status;
}

Status OutputFile::put(std::string_view bytes) {
  if (failed_)
    return tl::unexpected(
        Error(ErrorKind::io,
              target_.string() + ": an earlier write failed, so the file is not whole; run again"));
  if (parked_) S1FLOW_TRY_VOID(unpark());
  if (may_go_directly_) {
    S1FLOW_TRY(const bool done, put_directly(bytes));
    if (done) return {};
  }
  write_ahead(bytes.size());
  const Status status = write_fully(fd_, bytes, target_);
  on_file_ += bytes.size();
  failed_ = !status;
  return status;
}

Result<bool> OutputFile::put_directly(std::string_view bytes) {
  if (direct_ == nullptr) {
    if (on_file_ + bytes.size() < kStart) return false;
    // The page that has been begun is filled by way of the cache.
    const std::size_t gap = (0 - on_file_) % DirectWriter::kUnit;
    if (bytes.size() < gap) return false;
    direct_ = DirectWriter::open(temporary_, on_file_ + gap);
    may_go_directly_ = direct_ != nullptr;
    if (!may_go_directly_) return false;
    const Status status = write_fully(fd_, bytes.substr(0, gap), target_);
    failed_ = !status;
    S1FLOW_TRY_VOID(Status(status));
    on_file_ += gap;
    bytes.remove_prefix(gap);
  }
  on_file_ += bytes.size();
  errno = direct_->write(bytes);
  if (errno == 0) return true;
  failed_ = true;
  return tl::unexpected(io_error("write", target_.string()));
}

Status OutputFile::end_directly() {
  errno = direct_->finish();
  const std::string_view rest = direct_->rest();
  failed_ = errno != 0 || ::lseek(fd_, static_cast<off_t>(on_file_ - rest.size()), SEEK_SET) < 0;
  if (failed_) return tl::unexpected(io_error("write", target_.string()));
  Status status = write_fully(fd_, rest, target_);
  failed_ = !status;
  direct_.reset();
  may_go_directly_ = false;
  return status;
}

// Small files never come here.
void OutputFile::write_ahead(std::size_t size) {
  if (on_file_ + size > reserved_ && on_file_ + size > kReserve) {
    const std::uint64_t more = std::max<std::uint64_t>(kReserve, size);
    // Where it cannot be done, writing itself will say what is wrong.
    (void)::fallocate(fd_, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(on_file_),
                      static_cast<off_t>(more));
    reserved_ = on_file_ + more;
  }
  if (on_file_ - started_ < kStart) return;
  if (ahead_ == nullptr) ahead_ = std::make_unique<SyncAhead>();
  if (ahead_->begin(fd_)) started_ = on_file_;
}

Status OutputFile::sync() {
  if (direct_ != nullptr) S1FLOW_TRY_VOID(end_directly());
  if (const int error = ahead_ == nullptr ? 0 : ahead_->wait(); error != 0) {
    failed_ = true;
    errno = error;
    return tl::unexpected(io_error("sync", target_.string()));
  }
  // What was reserved and not used is given back.
  if (reserved_ > on_file_ && ::ftruncate(fd_, static_cast<off_t>(on_file_)) != 0) {
    failed_ = true;
    return tl::unexpected(io_error("write", target_.string()));
  }
  int rc = -1;
  do rc = ::fsync(fd_);
  while (rc != 0 && errno == EINTR);
  if (rc == 0) return {};
  // The kernel reports lost bytes once only: a second attempt would seem to work.
  failed_ = true;
  return tl::unexpected(io_error("sync", target_.string()));
}

Status OutputFile::write(std::string_view bytes) {
  written_ += bytes.size();
  if (failed_) return put(bytes);
  if (pending_.size() + bytes.size() < kGather) {
    pending_.append(bytes);
    return {};
  }
  S1FLOW_TRY_VOID(flush());
  if (bytes.size() >= kGather) return put(bytes);
  pending_.append(bytes);
  return {};
}

Status OutputFile::park() {
  S1FLOW_TRY_VOID(flush());
  S1FLOW_TRY_VOID(sync());
  ::close(std::exchange(fd_, -1));
  parked_ = true;
  return {};
}

Status OutputFile::unpark() {
  fd_ = open_retrying(temporary_.c_str(), O_WRONLY | O_APPEND | O_NOFOLLOW);
  if (fd_ < 0) return tl::unexpected(io_error("open again", temporary_.string()));
  parked_ = false;
  struct stat st {};
  if (::fstat(fd_, &st) == 0 && S_ISREG(st.st_mode) &&
      static_cast<std::uint64_t>(st.st_size) == on_file_)
    return {};
  failed_ = true;
  return tl::unexpected(Error(
      ErrorKind::io, temporary_.string() + ": was changed while it was being written; run again"));
}

Status OutputFile::commit() {
  if (parked_) S1FLOW_TRY_VOID(unpark());
  S1FLOW_TRY_VOID(flush());
  S1FLOW_TRY_VOID(sync());
  const int fd = std::exchange(fd_, -1);
  if (::close(fd) != 0 && errno != EINTR) {  // the descriptor is gone either way
    Error error = io_error("close", target_.string());
    ::unlink(temporary_.c_str());
    return tl::unexpected(std::move(error));
  }
  S1FLOW_TRY_VOID(file_steps::put_in_place(temporary_, target_, overwrite_));
  return sync_folder(target_.has_parent_path() ? target_.parent_path() : Path("."));
}

Result<std::string> read_text(const Path& path, std::size_t limit) {
  S1FLOW_TRY(InputFile file, InputFile::open(path));
  std::string text;
  // One byte more than there should be: when it stays free, nothing follows.
  const std::size_t at_once =
      file.size() == 0 ? kReadAtOnce : std::min<std::uint64_t>(file.size() + 1, kReadAtOnce);
  std::size_t used = 0;
  while (used == text.size()) {
    text.resize(used + at_once);
    S1FLOW_TRY(const std::size_t got, file.read(text.data() + used, text.size() - used));
    used += got;
    if (used > limit)
      return tl::unexpected(
          usage_error(path.string() + ": is larger than " + std::to_string(limit) + " bytes"));
  }
  text.resize(used);
  return text;
}

Status write_whole(const Path& path, std::string_view bytes, Overwrite overwrite) {
  S1FLOW_TRY(OutputFile file, OutputFile::create(path, overwrite));
  S1FLOW_TRY_VOID(file.write(bytes));
  return file.commit();
}

Result<std::vector<Path>> list_files(const Path& folder, std::string_view extension,
                                     std::vector<Path>* skipped) {
  std::vector<Path> files;
  S1FLOW_TRY(const std::vector<FolderEntry> entries, entries_in(folder));
  // Put together as text: paths are taken apart whenever they are joined, and files may be many.
  std::string before = folder.native();
  if (!before.empty() && before.back() != '/') before += '/';
  for (const auto& [name, kind] : entries) {
    if (name.starts_with('.') || name.ends_with(kTemporarySuffix) || !name.ends_with(extension))
      continue;
    Path path(before + name);
    if (kind == FileKind::file)
      files.push_back(std::move(path));
    else if (kind != FileKind::none && skipped != nullptr)
      skipped->push_back(std::move(path));
  }
  return files;
}

}  // namespace s1flow
