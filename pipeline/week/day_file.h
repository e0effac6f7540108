#pragma once
// Reading one file of the exchange inside a week: what is expected of it, and what is noted about
// it.

#include <optional>
#include <span>

#include "core/result.h"
#include "pipeline/week/run_context.h"

namespace s1flow::pipeline {

struct DayReading {
  bool accepted = false;
  const Rule* refused_by = nullptr;  // why not
  std::string file;
  ExchangeHeader header;
  std::uint64_t records = 0;
};

// Reads the planned file as its receivers do. When it should be there and is not, that is a finding
// (file.missing). Notes the file, its findings, its counter and its stages in the run. `rejected`
// is asked, once the file is accepted, how many of its records were refused.
[[nodiscard]] Result<DayReading> read_day_file(
    RunContext& run, PlannedFile& planned, const ReadCallbacks& callbacks,
    std::span<const codecs::crypto::KeyHolder> holders = {},
    const std::function<std::uint64_t()>& rejected = {});

// Notes a file that was written and that nobody of ours reads back.
void note_written(RunContext& run, const PlannedFile& planned, const WrittenFile& written);

// Calls use(row) for the rows of this SMSO, day and (unless empty) group that have not ended yet.
template <typename Use>
void for_each_alive(RunContext& run, std::size_t smso, unsigned day, GroupId group, Use use) {
  for (const std::uint32_t r : run.rows_of(smso, day)) {
    run.table.pace(r);
    if (!run.table[r].settled() && (group.empty() || run.table[r].group == group.packed())) use(r);
  }
}

// Sets `alive` on the rows of this SMSO and day for the next pass; returns how many are.
std::size_t mark_alive(RunContext& run, std::size_t smso, unsigned day, GroupId group = {});

// A record-scope finding on a record that is not in the file.
[[nodiscard]] Finding absent_finding(const RunContext& run, const Rule& rule,
                                     const std::string& file, std::uint32_t row);

}  // namespace s1flow::pipeline
