#pragma once
// Histograms as HdrHistogram's own tools read them: its version 2 encoding (zigzag LEB128 counts,
// runs of zeros as negative numbers), compressed by zlib, in base64, one interval a line in a log
// of format version 1.3. Exact in both directions but for min() and max(), which come back as the
// ends of their steps. Pure; thread-safe.

#include <optional>
#include <string>
#include <string_view>

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

}  // namespace s1flow
