#include "pipeline/ledger_disk.h"

#include <cerrno>
#include <cstddef>
#include <new>
#include <utility>

#include <sqlite3.h>

#include "core/file.h"

namespace s1flow::pipeline {
namespace {

// The VFS of the system. Written once, before ours is known to SQLite.
sqlite3_vfs* base = nullptr;
sqlite3_vfs ours{};

thread_local int disk_errno = 0;

// What stands after the base's part of an open file.
struct Tail {
  const sqlite3_io_methods* base;
  sqlite3_io_methods own;
};

std::size_t tail_offset() {
  constexpr std::size_t kAlign = alignof(std::max_align_t);
  return (static_cast<std::size_t>(base->szOsFile) + kAlign - 1) / kAlign * kAlign;
}

// The file is still one of the base's, with other methods.
Tail& tail_of(sqlite3_file* file) {
  return *reinterpret_cast<Tail*>(reinterpret_cast<std::byte*>(file) + tail_offset());
}

// The first of several stays: what fails while SQLite takes back the rest is a consequence.
int noted(int code, int system) {
  if (disk_errno == 0) disk_errno = system;
  return code;
}

int errno_of(sqlite3_file* file) {
  int system = 0;
  (void)tail_of(file).base->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &system);
  return system;
}

int noted(sqlite3_file* file, int code) {
  const bool failed = (code & 0xFF) == SQLITE_IOERR && code != SQLITE_IOERR_SHORT_READ;
  return failed ? noted(code, errno_of(file)) : code;
}

int read(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  return noted(file, tail_of(file).base->xRead(file, to, size, at));
}
int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  return noted(file, tail_of(file).base->xWrite(file, bytes, size, at));
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  return noted(file, tail_of(file).base->xTruncate(file, size));
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return noted(file, tail_of(file).base->xFileSize(file, size));
}
int sync(sqlite3_file* file, int flags) {
  int code = SQLITE_OK;
  do code = tail_of(file).base->xSync(file, flags);
  while (code == SQLITE_IOERR_FSYNC && errno_of(file) == EINTR);
  return noted(file, code);
}

int open(sqlite3_vfs* /*vfs*/, sqlite3_filename name, sqlite3_file* file, int flags, int* got) {
  const int code = base->xOpen(base, name, file, flags, got);
  if (code != SQLITE_OK) return noted(code, errno);
  Tail& tail = *new (&tail_of(file)) Tail{file->pMethods, *file->pMethods};
  tail.own.xRead = &read;
  tail.own.xWrite = &write;
  tail.own.xTruncate = &truncate;
  tail.own.xFileSize = &file_size;
  tail.own.xSync = &sync;
  file->pMethods = &tail.own;
  return code;
}

int remove(sqlite3_vfs* /*vfs*/, const char* name, int and_sync) {
  const int code = base->xDelete(base, name, and_sync);
  if (code == SQLITE_OK || code == SQLITE_IOERR_DELETE_NOENT) return code;
  if (code != SQLITE_IOERR_DIR_FSYNC || errno != EINTR) return noted(code, errno);
  // The file is gone, and only the sync of its folder was interrupted.
  try {
    if (sync_folder(Path(name).parent_path())) return SQLITE_OK;
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }
  return noted(code, errno);
}

bool register_ours() {
  base = sqlite3_vfs_find(nullptr);
  if (base == nullptr) return false;
  ours = *base;
  ours.pNext = nullptr;
  ours.zName = "s1flow-ledger";
  ours.szOsFile = static_cast<int>(tail_offset() + sizeof(Tail));
  ours.xOpen = &open;
  ours.xDelete = &remove;
  return sqlite3_vfs_register(&ours, 0) == SQLITE_OK;
}

}  // namespace

const char* ledger_disk() {
  static const bool ready = register_ours();
  return ready ? ours.zName : nullptr;
}

int take_disk_errno() noexcept {
  return std::exchange(disk_errno, 0);
}

}  // namespace s1flow::pipeline
