#pragma once
// Cutting a file into chunks of whole records: the serial first step of every codec. A Framer knows
// where records of its container end; a ChunkReader reads the file and hands out chunks.
//
// Contract: concatenated, the chunks are the file, byte for byte; every chunk but the last ends
// where a record ends; every chunk holds at least one record's end, the last one possibly none.
// What a framer cannot frame is a Fault of the file. Records longer than Limits::record_bytes are
// one too, so memory stays bounded. Not thread-safe; one per file.

#include <cstdint>
#include <memory>
#include <string_view>

#include "codecs/limits.h"
#include "codecs/rules.h"
#include "core/buffer.h"
#include "core/file.h"
#include "core/result.h"

namespace s1flow::codecs {

struct Chunk {
  std::shared_ptr<const Buffer> buffer;  // shared ownership of the bytes
  std::string_view bytes;                // into buffer
  std::uint64_t ordinal = 0;             // of the chunk in its file, from 0
  std::uint64_t offset = 0;              // of its first byte in the file
  std::uint64_t first_line = 1;          // line number of its first byte
  std::uint64_t first_record = 1;        // ordinal of the first record that starts in it
  std::uint64_t records = 0;             // records that end in it
  bool last = false;
};

// End of the last whole record in a window, and how many records end before it. end == 0: none yet.
struct Cut {
  std::size_t end = 0;
  std::uint64_t records = 0;
};

class Framer {
 public:
  Framer() = default;
  Framer(const Framer&) = delete;
  Framer& operator=(const Framer&) = delete;
  virtual ~Framer() = default;

  // `window` starts at the byte after the last cut and only grows between calls; `at_end`: the file
  // ends with it. Scanning resumes where it stopped.
  [[nodiscard]] virtual tl::expected<Cut, Fault> scan(std::string_view window, bool at_end) = 0;
  // The first `bytes` of the window were given out.
  virtual void consumed(std::size_t bytes) = 0;
  [[nodiscard]] virtual const Rule& limit_rule() const = 0;
};

// What reading ended with: a chunk, the end, or a fault of the file (nothing more will come then).
struct NextChunk {
  bool more = false;
  std::unique_ptr<Fault> fault;
};

class ChunkReader {
 public:
  // `chunk_bytes` is a target: a chunk ends at the first record end at or after it. Borrowed:
  // `framer`.
  ChunkReader(InputFile file, Framer& framer, std::size_t chunk_bytes, const Limits& limits);

  // Fills `chunk`. `spare` may hold a buffer that nobody uses any more; it is taken over.
  [[nodiscard]] Result<NextChunk> next(Chunk& chunk, std::shared_ptr<Buffer> spare = nullptr);
  [[nodiscard]] std::uint64_t bytes_read() const { return offset_ + pending_->size(); }
  [[nodiscard]] std::uint64_t file_size() const { return file_.size(); }

 private:
  [[nodiscard]] NextChunk refuse(std::string note);
  [[nodiscard]] std::size_t room_for(std::size_t bytes) const;
  void took(std::size_t got, std::size_t want);

  InputFile file_;
  Framer& framer_;
  std::size_t chunk_bytes_;
  Limits limits_;
  std::shared_ptr<Buffer> pending_ = std::make_shared<Buffer>();  // read but not given out
  bool at_end_ = false;
  bool done_ = false;
  std::uint64_t offset_ = 0;
  std::uint64_t line_ = 1;
  std::uint64_t record_ = 1;
  std::uint64_t ordinal_ = 0;
};

}  // namespace s1flow::codecs
