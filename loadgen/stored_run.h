#pragma once
// A run as `s1flow load -o OUT` left it. Plain values.

#include <string>

#include "core/file.h"
#include "core/run_report.h"

namespace s1flow::loadgen {

struct StoredRun {
  std::string name;  // as the user gave it
  RunReport report;  // of kind load
  Path log;          // histograms.hlog beside it
};

}  // namespace s1flow::loadgen
