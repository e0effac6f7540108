#pragma once
// A load of files in place of requests: registration data that is refreshed as a whole and updated
// day by day, read one file after the other as a closed loop. How a file is read is the caller's
// business; what is measured, counted and judged is that of any other run, with a kind of file as
// its class.

#include <functional>
#include <string>
#include <vector>

#include "codecs/config.h"
#include "loadgen/engine.h"

namespace s1flow::loadgen {

struct FileKind {
  std::string name;
  std::uint64_t count = 1;  // files in a round
  double share = 1;  // of the rows of the batch's file, drawn by the seed; 1: the file itself
};

struct FileJob {
  Path batch;
  std::vector<FileKind> kinds;  // in the order of a round
  Nanoseconds last{0};          // rounds begin until then; 0: one round
};

// Keys of [[file]]; further ones are faults of the reader.
[[nodiscard]] Status read_file_kind(codecs::ConfigReader& reader, FileJob& to);
[[nodiscard]] std::vector<RequestClass> classes_of(const FileJob& job);

struct CheckedFile {
  bool accepted = false;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
};
using FileChecker = std::function<Result<CheckedFile>(const Path&)>;

// Reads `whole` and parts of it, which are written to `part` before their time is taken. `plan` has
// one closed phase. `stop` (may be null) ends the job after the file that is being read.
[[nodiscard]] Result<RunResult> run_files(const FileJob& job, const Plan& plan, std::uint64_t seed,
                                          const Path& whole, const Path& part,
                                          const FileChecker& check, const std::atomic<bool>* stop);

}  // namespace s1flow::loadgen
