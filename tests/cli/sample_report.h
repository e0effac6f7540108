#pragma once
// Made-up reports for the tests of the renderer: their figures are consistent with each other, so
// that a page made from one can be judged like a real one. Not a dry run: nothing was computed.

#include <span>
#include <string_view>

#include "core/run_report.h"

namespace s1flow::test {

// "week"     10,000 installations, 9 suppliers, 3 groups, faults of 16 rules
// "clean"    the same week without any fault
// "huge"     10 million installations, 30 suppliers, 7 groups, 60 rules, 900 files
// "hostile"  the week with text in it that tries to leave its place
// "stopped"  interrupted before the first outcome
// "broken"   counts that do not add up, warnings about the run
// "empty"    a run that failed before it had read anything
[[nodiscard]] std::span<const std::string_view> sample_shapes();
[[nodiscard]] RunReport sample_report(std::string_view shape);

}  // namespace s1flow::test
