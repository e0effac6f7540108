#pragma once
// Histograms as HdrHistogram's own tools read them: its version 2 encoding (zigzag LEB128 counts,
// runs of zeros as negative numbers), compressed by zlib, in base64, one interval a line in a log
// of format version 1.3. Exact in both directions but for min() and max(), which come back as the
// ends of their steps; a line of a log keeps max() too. Thread-safe; pure but for the reader.

#include <optional>
#include <string>
#include <string_view>

#include "core/file.h"
#include "core/histogram.h"
#include "core/result.h"

namespace s1flow {

// Binary; for the text form see append_log_line().
[[nodiscard]] std::string encode_compressed(const Histogram& histogram);
// Refuses what is cut, damaged, of another version or of another shape than ours (lowest value 1,
// three digits), and counts beyond one hour.
[[nodiscard]] Result<Histogram> decode_compressed(std::string_view bytes);

// The head of a log; `start_seconds` is the wall clock's time of the run's start.
void append_log_head(std::string& out, std::string_view what, double start_seconds);
// One line. `tag` may be empty and must hold no comma, blank or line end. `start` counts from the
// start of the run.
void append_log_line(std::string& out, std::string_view tag, Nanoseconds start, Nanoseconds length,
                     const Histogram& histogram);

// One line as append_log_line() writes it, without its end.
struct LogLine {
  std::string tag;
  Nanoseconds start{0};
  Nanoseconds length{0};
  Histogram histogram;
};
// Nothing for comments and the head; an error names what is wrong with the line.
[[nodiscard]] Result<std::optional<LogLine>> read_log_line(std::string_view line);

// A log from its start to its end, a line at a time. A log that does not end with a whole line is
// damaged like any other. Errors name the file and the line.
class HistogramLogReader {
 public:
  [[nodiscard]] static Result<HistogramLogReader> open(const Path& path);
  // The next histogram; nothing at the end.
  [[nodiscard]] Result<std::optional<LogLine>> next();
  // An error about the line that was read last.
  [[nodiscard]] Error fault(std::string_view why) const;

 private:
  explicit HistogramLogReader(InputFile file) : file_(std::move(file)) {}
  [[nodiscard]] Result<std::optional<std::string_view>> line();
  InputFile file_;
  std::string text_;
  std::size_t begin_ = 0;
  bool ended_ = false;
  std::uint64_t number_ = 0;
};

}  // namespace s1flow
