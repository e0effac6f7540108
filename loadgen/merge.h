#pragma once
// The results of several runs of one scenario (several generators, or one after the other) put
// together to the one that a single recorder would have had: counts and histograms add up exactly,
// and the thresholds are judged anew on the sum. Pure but for reading logs.

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "loadgen/stored_run.h"

namespace s1flow::loadgen {

// Why two runs are none of one scenario: another scenario, other phases, classes, thresholds or
// signing, or one of them twice. Seeds, machines, targets and rates may differ: that makes a
// warning.
[[nodiscard]] Status check_belong_together(std::span<const StoredRun> runs);

// All but the timelines, which come from the logs. At least one run; they belong together.
[[nodiscard]] Result<RunReport> merge_reports(std::span<const StoredRun> runs);

// Writes the log of the merged run, second by second, and puts its timelines into `merged`. A log
// that is damaged, or that does not hold what its report says, is an Error.
[[nodiscard]] Status merge_logs(std::span<const StoredRun> runs, RunReport& merged,
                                const std::function<Status(std::string_view)>& write);

// Judges thresholds by their texts on records as they are stored.
[[nodiscard]] Result<std::vector<report::ThresholdOutcome>> judge_again(
    const report::Load& load, std::vector<report::ThresholdOutcome> thresholds);

}  // namespace s1flow::loadgen
