#pragma once
// Small weeks for tests of the pipeline: generated, played, and compared with what was expected.
// Only plain types here, so that tests compile quickly.

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/generate/week.h"
#include "pipeline/week/dry_run.h"
#include "tests/temporary_folder.h"

namespace s1flow::pipeline {

struct WeekSpec {
  std::uint64_t installations = 40;
  std::uint64_t seed = 1;
  std::string faults = "none";
  double share = 0.03;
  bool rsa = false;
};
// A batch in `folder`; a failure is one of the test.
GenerateResult make_week(const Path& folder, const WeekSpec& spec);

// The dry run of the batch; a failure is one of the test.
DryRunResult play(const Path& batch, const Path& out,
                  const std::function<void(DryRunOptions&)>& change = {});
// Its error, "" when it has none.
std::string error_of_play(const Path& batch, const Path& out,
                          const std::function<void(DryRunOptions&)>& change = {});

using Lines = std::multiset<std::string>;
// Of a text file; none when it does not exist.
Lines lines_of(const Path& path);
// Of findings.jsonl, without places and notes.
Lines findings_of(const Path& out);
// Those in `a` that are not in `b`, and the other way round; empty when both are equal.
std::string difference(const Lines& a, const Lines& b);

// Findings and outcomes are those that the generator promised, and the counts add up.
void expect_as_promised(const Path& batch, const Path& out, const DryRunResult& result);

// Files of a folder and all below it, relative to it, in byte order.
std::vector<std::string> files_below(const Path& folder);
std::string text_of(const Path& path);
void put_text(const Path& path, std::string_view text);
// Replaces the first `from`, which has to be there.
void replace_in(const Path& path, std::string_view from, std::string_view to);
std::size_t count_in(const Lines& lines, std::string_view part);

}  // namespace s1flow::pipeline
