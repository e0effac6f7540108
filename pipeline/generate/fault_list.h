#pragma once
// All faults that a generated week can have: those that stand beside the rules, and those for rules
// of the codecs.

#include <span>
#include <string_view>
#include <vector>

#include "pipeline/generate/fault.h"

namespace s1flow::pipeline {

struct FaultEntry {
  const Rule* rule;
  const Fault* fault;
};

[[nodiscard]] const std::vector<FaultEntry>& all_faults();

// A fault of a whole file of one type.
struct FileFault {
  const Rule* rule;
  std::string_view type;
};
// Every combination; the first ones name each rule once.
[[nodiscard]] const std::vector<FileFault>& file_faults();
// As above for faults that concern one record of an exchange file.
[[nodiscard]] const std::vector<FileFault>& record_faults();

}  // namespace s1flow::pipeline
