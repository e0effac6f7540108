#pragma once
// DirectWriter: brings most of a big file to the disk past the kernel's page cache, beside the work
// that makes it. A page of the cache costs about a microsecond of processor time to find, clear,
// fill and write back, which for a file that nobody reads again soon is the dearest part of its
// writing; past the cache the disk fetches the bytes itself.
//
// Pieces of 4 MiB are written by a thread of its own while others are filled. Every few of them the
// disk is told to keep them for good, since most of the last sync's time would go there; that takes
// as long as some pieces take to be filled, so there are enough of them. Not thread-safe.

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>

#include "core/file.h"
#include "core/zeroed_array.h"

namespace s1flow {

class DirectWriter {
 public:
  // Where pieces begin and end in the file: a multiple of what disks ask for.
  static constexpr std::uint64_t kUnit = 4096;

  // From offset `at` on, a multiple of kUnit. Null where the file system does not know such
  // writing, or there is no memory or thread for it: then nothing has happened.
  [[nodiscard]] static std::unique_ptr<DirectWriter> open(const Path& file, std::uint64_t at);
  DirectWriter(const DirectWriter&) = delete;
  DirectWriter& operator=(const DirectWriter&) = delete;
  // What is under way is waited for, what is not is given up.
  ~DirectWriter();

  // The first error of any piece so far (errno), or 0. Waits while all pieces are full.
  [[nodiscard]] int write(std::string_view bytes);
  // Writes all but the bytes that fill no unit, which are left in rest() and belong at the file's
  // end; the last sync is the caller's too. To be called once, after all else.
  [[nodiscard]] int finish();
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  static constexpr std::size_t kPiece = std::size_t{4} << 20;
  static constexpr std::uint64_t kSync = std::uint64_t{16} << 20;  // bytes from one to the next

  struct Piece {
    ZeroedArray<char> bytes{kPiece};
    std::size_t size = 0;
    bool used = false;
  };
  DirectWriter(int fd, std::uint64_t at) : fd_(fd), at_(at) {}
  // Hands the piece in hand to the thread, and takes the next one when that is free.
  void hand_over();
  void begin_piece();
  void run();
  [[nodiscard]] int put(std::string_view piece, std::uint64_t at);

  int fd_;
  std::uint64_t at_;             // of the thread, in the file
  std::array<Piece, 4> pieces_;  // used in turn
  std::size_t filling_ = 0;
  std::string_view rest_;

  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::size_t full_ = 0;  // pieces before filling_ that are the thread's to write
  bool syncing_ = false;
  bool ended_ = false;
  int error_ = 0;

  std::thread thread_;
};

}  // namespace s1flow
