#pragma once
// Made-up reports of load tests, whose figures are consistent with each other. Nothing was sent.

#include <span>
#include <string_view>

#include "core/run_report.h"

namespace s1flow::test {

// "load"              2 minutes, 5 classes of all shapes, a stall and a few failures, one threshold
//                     missed
// "load-hour"         an hour at 20 classes
// "load-invalid"      the generator was the limit
// "load-stopped"      interrupted in the warm-up
// "load-hostile"      text in it that tries to leave its place
// "load-unreachable"  the target was not there
[[nodiscard]] std::span<const std::string_view> load_shapes();
[[nodiscard]] RunReport load_report(std::string_view shape);

}  // namespace s1flow::test
