#pragma once
// When each request came and was answered, written to a file: what a generator's figures are
// compared with. CSV when the name ends in .csv, else binary records of 40 bytes in the machine's
// byte order behind a head of 16 (docs/cli/stub.md).
//
// Any number of threads; each hands over blocks of its own, so the file is in order of time only
// within a block.

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/file.h"

namespace s1flow::loadgen::stub {

struct Stamp {
  std::int64_t arrived = 0;      // first byte, nanoseconds of the monotonic clock
  std::int64_t answered = 0;     // answer handed to the kernel; 0: never
  std::uint64_t originator = 0;  // of the RequestID; 0 when there is none
  std::uint64_t counter = 0;
  std::uint16_t status = 0;  // of HTTP; 0: no answer
  std::uint8_t code = 0;     // place in the schema's list of response codes
  std::uint8_t fault = 0;    // RequestFault
  std::uint32_t thread = 0;
};
static_assert(sizeof(Stamp) == 40);

class StampFile {
 public:
  // Replaces nothing.
  [[nodiscard]] static Result<StampFile> create(const Path& path);
  // Errors are kept for finish().
  void write(std::span<const Stamp> stamps);
  [[nodiscard]] Status finish();

 private:
  StampFile(OutputFile file, bool csv);
  struct State {
    OutputFile file;
    bool csv = false;
    std::mutex mutex;
    Status status;
    std::string text;
  };
  std::unique_ptr<State> state_;
};

// One thread's stamps on their way to the file.
class StampBuffer {
 public:
  explicit StampBuffer(StampFile* file) : file_(file) {}
  void add(const Stamp& stamp) {
    if (file_ == nullptr) return;
    stamps_.push_back(stamp);
    if (stamps_.size() == kBlock) flush();
  }
  void flush() {
    if (file_ != nullptr && !stamps_.empty()) file_->write(stamps_);
    stamps_.clear();
  }

 private:
  static constexpr std::size_t kBlock = 4096;
  StampFile* file_;
  std::vector<Stamp> stamps_;
};

}  // namespace s1flow::loadgen::stub
