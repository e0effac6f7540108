#pragma once
// The folder of a load test's result (docs/report.md), being written: whole or not at all. What is
// not finished lies beside it under a hidden name and goes with the object.

#include <memory>

#include "core/file.h"
#include "core/result.h"
#include "core/run_report.h"

namespace s1flow::cli {

class RunFolder {
 public:
  // A usage error when `out` is there and may not be replaced, or holds what no load test made.
  [[nodiscard]] static Result<RunFolder> create(const Path& out, Overwrite overwrite);
  RunFolder(RunFolder&&) noexcept;
  RunFolder& operator=(RunFolder&&) noexcept;
  ~RunFolder();

  // Without a / at the end.
  [[nodiscard]] const Path& out() const;
  // histograms.hlog.
  [[nodiscard]] OutputFile& log();
  // Writes everything else from the report. After it the folder is there.
  [[nodiscard]] Status finish(const RunReport& report);

 private:
  struct State;
  explicit RunFolder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace s1flow::cli
