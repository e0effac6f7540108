#pragma once
// Work on many files at once. What is one chunk only gains nothing from several workers, so small
// files are taken side by side, each by one worker; large ones one after another, each by all.

#include <cstdint>
#include <functional>
#include <vector>

#include "core/file.h"
#include "core/result.h"
#include "pipeline/runner.h"

namespace s1flow::pipeline {

struct ManyFiles {
  // What is done with the file of this index. Called from several threads at once for small files;
  // `runner` says with how many workers it may go on. An error ends everything: what concerns one
  // file only is for the caller to keep.
  std::function<Status(std::size_t, const RunnerOptions& runner)> work;
  // Afterwards, for one file at a time, in the order of the files.
  std::function<Status(std::size_t)> finish;
};

// `sizes`: bytes of each file; 0 for those that have to be taken alone, such as standard input.
[[nodiscard]] Status for_each_file(const std::vector<std::uint64_t>& sizes, const ManyFiles& job,
                                   const RunnerOptions& runner);

}  // namespace s1flow::pipeline
