#pragma once
// Small tables of numbers that profiles read from files: one row a line, fields separated by
// commas, blank lines and lines that start with # left out, a first line of words is a heading.

#include <string>
#include <vector>

#include "core/file.h"
#include "core/result.h"

namespace s1flow::loadgen {

// Each row has `columns` numbers; the first may also be a time of day as HH:MM or HH:MM:SS, which
// becomes seconds. Errors name file and line.
[[nodiscard]] Result<std::vector<std::vector<double>>> read_columns(const Path& path,
                                                                    std::size_t columns);

}  // namespace s1flow::loadgen
