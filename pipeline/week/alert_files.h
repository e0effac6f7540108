#pragma once
// AlertFiles: one file of DUIS messages per supplier, one message a line. Files appear when the run
// commits them.

#include <map>

#include "core/eui64.h"
#include "core/file.h"
#include "core/result.h"

namespace s1flow::pipeline {

class AlertFiles {
 public:
  explicit AlertFiles(Path folder) : folder_(std::move(folder)) {}
  // In order only.
  [[nodiscard]] Status append(Eui64 supplier, std::string_view lines);
  [[nodiscard]] Status commit();

 private:
  Path folder_;  // that holds a folder per supplier
  std::map<Eui64, OutputFile> files_;
};

}  // namespace s1flow::pipeline
