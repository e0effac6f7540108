#pragma once
// FilePlan: which exchange files a week can have, who sends them to whom, under which names and
// counters. Counters are given out before anything is made, in the order in which the files travel,
// so names do not depend on what happens to the installations; a file that turns out to have
// nothing to say is not made and its counter is skipped.
//
// Immutable after construction, but for files that a user gives instead; thread-safe to read.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/file.h"
#include "core/result.h"
#include "pipeline/batch.h"
#include "pipeline/exchange/header.h"

namespace s1flow::pipeline {

struct PlannedFile {
  std::string type;  // "mcf" …
  std::size_t smso = 0;
  unsigned day = 0;       // after the Monday; 7: copies for suppliers at the week's end
  std::size_t group = 0;  // index of the SMSO's groups; for files without a group 0
  Eui64 supplier;         // of a supplier's copy
  ExchangeHeader header;  // without record count
  std::string name;
  Path given;                           // a file of the user's, in place of the made one
  bool accepted = false;                // by its receivers
  std::vector<std::uint64_t> repeated;  // ordinals of records that repeat an earlier one
  Path made;                            // once it is; empty again when the script lets it vanish

  [[nodiscard]] const Path& path() const { return given.empty() ? made : given; }
};

class FilePlan {
 public:
  [[nodiscard]] static Result<FilePlan> make(const Batch& batch);

  // Null for a group or day that does not exist.
  [[nodiscard]] PlannedFile* find(std::string_view type, std::size_t smso, unsigned day,
                                  std::size_t group = 0);
  [[nodiscard]] const PlannedFile* find(std::string_view type, std::size_t smso, unsigned day,
                                        std::size_t group = 0) const;
  [[nodiscard]] PlannedFile* copy(std::string_view type, std::size_t smso, Eui64 supplier,
                                  std::size_t group = 0);
  [[nodiscard]] const std::vector<PlannedFile>& all() const { return files_; }

 private:
  std::vector<PlannedFile> files_;
};

}  // namespace s1flow::pipeline
