#pragma once
// The folder that `s1flow load -o OUT` leaves (docs/report.md): whole or not at all. What is not
// finished lies beside it under a hidden name and goes with the object.

#include <memory>

#include "cli/command.h"
#include "core/file.h"
#include "loadgen/load_report.h"

namespace s1flow::cli {

class LoadFolder {
 public:
  // A usage error when `out` is there and may not be replaced, or holds what no load test made.
  // Borrows scenario and classes.
  [[nodiscard]] static Result<LoadFolder> create(const Path& out, Overwrite overwrite,
                                                 const loadgen::Scenario& scenario,
                                                 std::span<const loadgen::RequestClass> classes);
  LoadFolder(LoadFolder&&) noexcept;
  LoadFolder& operator=(LoadFolder&&) noexcept;
  ~LoadFolder();

  // For EngineObserver; a failed write is told by finish().
  void on_start(double start_seconds);
  void on_second(const loadgen::Interval& interval);
  // After it the folder is there.
  [[nodiscard]] Status finish(const loadgen::RunResult& result, const loadgen::Verdict& verdict,
                              ExitCode code);

 private:
  struct State;
  explicit LoadFolder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace s1flow::cli
