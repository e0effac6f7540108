#pragma once
// Reads the folder that `s1flow load -o OUT` left.

#include <string>

#include "core/result.h"
#include "loadgen/stored_run.h"

namespace s1flow::cli {

// `given` is the folder as on the command line.
[[nodiscard]] Result<loadgen::StoredRun> open_stored_run(const std::string& given);

}  // namespace s1flow::cli
