#pragma once
// The making of one file of the exchange inside a week. A file that an interrupted run had finished
// is not made again: its writer is idle, and the plan is told where the file is.

#include <optional>
#include <string_view>

#include "core/result.h"
#include "pipeline/week/run_context.h"

namespace s1flow::pipeline {

// True when the file is finished, and then tells the plan.
[[nodiscard]] bool take_finished(RunContext& run, PlannedFile& planned);

// `header` is the planned one with what is only known now.
[[nodiscard]] Result<ExchangeWriter> begin_file(RunContext& run, const PlannedFile& planned,
                                                const ExchangeHeader& header,
                                                std::string_view keys = {});

// Finishes the file, gives it the fault that the script asks for, records it and tells the plan.
[[nodiscard]] Result<WrittenFile> end_file(RunContext& run, PlannedFile& planned,
                                           ExchangeWriter& writer);

}  // namespace s1flow::pipeline
