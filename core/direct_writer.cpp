#include "core/direct_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "core/memory_pages.h"

namespace s1flow {

std::unique_ptr<DirectWriter> DirectWriter::open(const Path& file, std::uint64_t at) {
  int fd = -1;
  do fd = ::open(file.c_str(), O_WRONLY | O_DIRECT | O_NOFOLLOW | O_CLOEXEC);
  while (fd < 0 && errno == EINTR);
  if (fd < 0) return nullptr;
  std::unique_ptr<DirectWriter> writer;
  try {
    writer.reset(new DirectWriter(fd, at));
    writer->begin_piece();
    writer->thread_ = std::thread([w = writer.get()] { w->run(); });
  } catch (const std::exception&) {  // no memory, or no thread
    if (writer == nullptr) ::close(fd);
    return nullptr;
  }
  return writer;
}

DirectWriter::~DirectWriter() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  ::close(fd_);
}

int DirectWriter::write(std::string_view bytes) {
  while (!bytes.empty()) {
    Piece& piece = pieces_[filling_];
    const std::size_t size = std::min(bytes.size(), kPiece - piece.size);
    std::memcpy(piece.bytes.data() + piece.size, bytes.data(), size);
    piece.size += size;
    bytes.remove_prefix(size);
    if (piece.size == kPiece) hand_over();
  }
  const std::lock_guard lock(mutex_);
  return error_;
}

int DirectWriter::finish() {
  Piece& last = pieces_[filling_];
  const std::size_t whole = last.size / kUnit * kUnit;
  rest_ = std::string_view(last.bytes.data(), last.size).substr(whole);
  last.size = whole;
  if (whole != 0) hand_over();
  std::unique_lock lock(mutex_);
  // A sync that fails tells it once only.
  changed_.wait(lock, [this] { return full_ == 0 && !syncing_; });
  return error_;
}

void DirectWriter::hand_over() {
  std::unique_lock lock(mutex_);
  ++full_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return full_ < pieces_.size(); });
  lock.unlock();
  filling_ = (filling_ + 1) % pieces_.size();
  begin_piece();
}

void DirectWriter::begin_piece() {
  Piece& piece = pieces_[filling_];
  if (!std::exchange(piece.used, true)) expect_writes(piece.bytes.data(), kPiece);
  piece.size = 0;
}

void DirectWriter::run() {
  std::uint64_t synced = at_;
  std::size_t writing = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return full_ != 0 || ended_; });
    if (ended_) return;
    const Piece& piece = pieces_[writing];
    writing = (writing + 1) % pieces_.size();
    int error = error_;
    lock.unlock();
    if (error == 0) error = put({piece.bytes.data(), piece.size}, at_);
    at_ += piece.size;
    lock.lock();
    error_ = error;
    --full_;
    syncing_ = error == 0 && at_ - synced >= kSync;
    changed_.notify_all();
    if (!syncing_) continue;
    lock.unlock();
    synced = at_;
    do error = ::fdatasync(fd_) == 0 ? 0 : errno;
    while (error == EINTR);
    lock.lock();
    error_ = error;
    syncing_ = false;
    changed_.notify_all();
  }
}

int DirectWriter::put(std::string_view piece, std::uint64_t at) {
  while (!piece.empty()) {
    const ssize_t n = ::pwrite(fd_, piece.data(), piece.size(), static_cast<off_t>(at));
    if (n < 0) {
      if (errno == EINTR) continue;
      // The file system or the disk asks for more than whole units.
      const int flags = errno == EINVAL ? ::fcntl(fd_, F_GETFL) : -1;
      if (flags >= 0 && (flags & O_DIRECT) != 0 && ::fcntl(fd_, F_SETFL, flags & ~O_DIRECT) == 0)
        continue;
      return errno;
    }
    // After a short count it goes on with a whole unit; some bytes are written twice then.
    std::size_t done = static_cast<std::size_t>(n);
    if (done < piece.size()) done = done / kUnit * kUnit;
    if (done == 0) return ENOSPC;  // there was room for less than a unit
    piece.remove_prefix(done);
    at += done;
  }
  return 0;
}

}  // namespace s1flow
