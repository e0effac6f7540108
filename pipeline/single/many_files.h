#pragma once
// Work on many files at once. What is one chunk only gains nothing from several workers, so small
// files are taken side by side, each by one worker; large ones one after another, each by all.

#include <cstdint>
#include <functional>

#include "core/file.h"
#include "core/result.h"
#include "pipeline/runner.h"

namespace s1flow::pipeline {

struct ManyFiles {
  std::size_t count = 0;
  // Bytes of a file; 0 for those that have to be taken alone, such as standard input. Asked while
  // others are at work, for one file at a time, in their order.
  std::function<std::uint64_t(std::size_t)> size_of;
  // What is done with the file of this index. Called from several threads at once for small files;
  // `runner` says with how many workers it may go on. An error ends everything: what concerns one
  // file only is for the caller to keep.
  std::function<Status(std::size_t, const RunnerOptions& runner)> work;
  // Afterwards, for one file at a time, in the order of the files.
  std::function<Status(std::size_t)> finish;
};

[[nodiscard]] Status for_each_file(const ManyFiles& job, const RunnerOptions& runner);

}  // namespace s1flow::pipeline
