#include "codecs/framer.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"

namespace s1flow::codecs {

ChunkReader::ChunkReader(InputFile file, Framer& framer, std::size_t chunk_bytes,
                         const Limits& limits)
    : file_(std::move(file)),
      framer_(framer),
      chunk_bytes_(std::max<std::size_t>(chunk_bytes, 1)),
      limits_(limits) {}

NextChunk ChunkReader::refuse(std::string note) {
  done_ = true;
  return NextChunk{.more = false,
                   .fault = std::make_unique<Fault>(Fault{.rule = &framer_.limit_rule(),
                                                          .byte = offset_,
                                                          .line = line_,
                                                          .ordinal = record_,
                                                          .record = {},
                                                          .field = {},
                                                          .seen = {},
                                                          .note = std::move(note)})};
}

// No more than the file still has, and a byte by which its end is seen.
std::size_t ChunkReader::room_for(std::size_t bytes) const {
  if (at_end_) return 0;
  if (file_.size() <= bytes_read()) return bytes;  // it grows, or nobody knows how large it is
  return std::min<std::uint64_t>(bytes, file_.size() - bytes_read() + 1);
}

void ChunkReader::took(std::size_t got, std::size_t want) {
  at_end_ = got < want;
  pending_->set_size(pending_->size() + got);
}

Result<NextChunk> ChunkReader::next(Chunk& chunk, std::shared_ptr<Buffer> spare) {
  if (done_) return NextChunk{};
  Cut cut;
  while (true) {
    if (!at_end_ && pending_->size() < chunk_bytes_) {
      const std::size_t want = room_for(chunk_bytes_ - pending_->size());
      pending_->reserve(pending_->size() + want);
      S1FLOW_TRY(const std::size_t got, file_.read(pending_->data() + pending_->size(), want));
      took(got, want);
    }
    auto scanned = framer_.scan(pending_->view(), at_end_);
    if (!scanned) {
      done_ = true;
      Fault fault = std::move(scanned).error();
      const std::size_t at = std::min<std::size_t>(
          fault.byte, pending_->size());  // the framer counts from the window's start
      fault.line = line_ + count_lines(pending_->view().substr(0, at));
      fault.byte += offset_;
      return NextChunk{.more = false, .fault = std::make_unique<Fault>(std::move(fault))};
    }
    cut = *scanned;
    if (at_end_ || cut.end != 0) break;
    if (pending_->size() > limits_.record_bytes + limits_.head_bytes)
      return refuse(fmt::format("a record of more than {} bytes", limits_.record_bytes));
    // One record is larger than a chunk: let the window grow.
    const std::size_t want = room_for(std::max(chunk_bytes_, pending_->size()));
    pending_->reserve(pending_->size() + want);
    S1FLOW_TRY(const std::size_t got, file_.read(pending_->data() + pending_->size(), want));
    took(got, want);
  }
  if (offset_ + pending_->size() > limits_.file_bytes || file_.size() > limits_.file_bytes)
    return refuse(fmt::format("a file of more than {} bytes", limits_.file_bytes));
  if (record_ - 1 + cut.records > limits_.records)
    return refuse(fmt::format("more than {} records", limits_.records));
  const std::size_t end = at_end_ ? pending_->size() : cut.end;
  std::shared_ptr<Buffer> rest = spare ? std::move(spare) : std::make_shared<Buffer>();
  rest->clear();
  const std::size_t left = pending_->size() - end;
  rest->reserve(left + room_for(left < chunk_bytes_ ? chunk_bytes_ - left : 0));
  rest->append(pending_->view().substr(end));
  pending_->set_size(end);
  framer_.consumed(end);

  chunk.buffer = pending_;
  chunk.bytes = pending_->view();
  chunk.ordinal = ordinal_++;
  chunk.offset = offset_;
  chunk.first_line = line_;
  chunk.first_record = record_;
  chunk.records = cut.records;
  chunk.last = at_end_;
  offset_ += end;
  line_ += count_lines(chunk.bytes);
  record_ += cut.records;
  done_ = at_end_;
  pending_ = std::move(rest);
  return NextChunk{.more = true, .fault = nullptr};
}

}  // namespace s1flow::codecs
