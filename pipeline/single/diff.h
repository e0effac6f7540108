#pragma once
// What differs between two files of one type, record by record, and between two sets of results.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "codecs/layout/layout.h"
#include "core/file.h"
#include "core/result.h"
#include "pipeline/single/check.h"

namespace s1flow::pipeline {

struct FieldChange {
  std::string path, before, after;  // secrets masked; empty: not there
};

struct RecordChange {
  enum class Kind : std::uint8_t { added, removed, changed };
  Kind kind = Kind::changed;
  std::string key;                  // empty: the header
  std::vector<FieldChange> fields;  // of changed records
};

struct FileDiff {
  std::uint64_t same = 0, added = 0, removed = 0, changed = 0;
  [[nodiscard]] bool equal() const { return added + removed + changed == 0; }
};

// Told one by one: the header first, then the records of A in its order, then what only B has. The
// order of records within a file does not count. Memory: a key and a hash for each record. Files
// that cannot be read as their layout says are a usage error that names the first fault.
[[nodiscard]] Result<FileDiff> diff_files(const Path& a, const Path& b,
                                          const std::shared_ptr<const codecs::Layout>& layout_a,
                                          const std::shared_ptr<const codecs::Layout>& layout_b,
                                          const SingleFileContext& context,
                                          const std::function<Status(const RecordChange&)>& tell);

// Two folders, each a batch (expected-findings.jsonl, expected-outcomes.jsonl) or the output of a
// dry run (findings.jsonl, outcomes.jsonl), compared line by line as sets; of findings, the member
// `detail` does not count.
struct SetDiff {
  std::string name;  // "findings", "outcomes"
  std::uint64_t same = 0;
  std::vector<std::string> only_a, only_b;  // lines
  [[nodiscard]] bool equal() const { return only_a.empty() && only_b.empty(); }
};
[[nodiscard]] Result<std::vector<SetDiff>> diff_folders(const Path& a, const Path& b);

}  // namespace s1flow::pipeline
