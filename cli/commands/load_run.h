#pragma once
// What `s1flow load` does with a scenario: one run, or a search for the highest rate that holds.

#include <optional>

#include "cli/command.h"
#include "core/file.h"
#include "loadgen/scenario.h"

namespace s1flow::cli {

struct LoadOutputs {
  Path folder;  // empty: none
  Path hlog;    // empty: none
  Overwrite overwrite = Overwrite::no;
  bool json = false;
  std::optional<std::uint16_t> metrics;  // port; 0: any
};

[[nodiscard]] Result<ExitCode> play_scenario(const Console& console,
                                             const loadgen::Scenario& scenario,
                                             const LoadOutputs& outputs);

// Signs every request of the scenario into a file and says how many.
[[nodiscard]] Result<ExitCode> presign_scenario(const Console& console,
                                                const loadgen::Scenario& scenario, const Path& file,
                                                Overwrite overwrite);

// Each trial lasts `trial` (0: 5 s) after a fifth of it as warm-up. A usage error when no threshold
// limits a time.
[[nodiscard]] Result<ExitCode> search_capacity(const Console& console,
                                               const loadgen::Scenario& scenario, Nanoseconds trial,
                                               const LoadOutputs& outputs);

}  // namespace s1flow::cli
