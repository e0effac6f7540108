#pragma once
// A declared load test: target, phases, mix, thresholds, abort rules, caps and seed, from a TOML
// file (schemas/scenario.schema.json). Everything that is wrong with it is told before a connection
// is opened. The same scenario and seed give the same bytes in the same order at the same due
// times, whatever the number of threads.

#include <optional>
#include <string>
#include <vector>

#include "loadgen/duis/duis_settings.h"
#include "loadgen/engine.h"
#include "loadgen/template_source.h"
#include "loadgen/verdict.h"

namespace s1flow::loadgen {

class RequestPlan;

// Ends the run when a limit was broken in so many seconds one after the other.
struct AbortRule {
  Threshold limit;  // errors, or p50, p90, p99, p99.9, max of the response time
  std::uint64_t seconds = 5;
};

// What a scenario may not exceed; the program's own caps hold without any.
struct Caps {
  double rate = 1'000'000;  // due within any one second
  std::uint64_t requests = 10'000'000'000;
  std::uint64_t connections = 100'000;
  Nanoseconds duration = std::chrono::hours(24 * 31);
};

struct Scenario {
  std::string name;
  std::string url;
  std::uint64_t seed = 1;
  EngineOptions engine;
  Plan plan;
  std::vector<TemplateClass> mix;    // bodies as they are given; empty with `duis`
  std::optional<DuisSettings> duis;  // signed Service Requests
  std::vector<Threshold> thresholds;
  std::vector<AbortRule> aborts;
  ValidityLimits validity;
  Caps caps;
};

// What the command line puts in place of what a scenario says; empty: as it says.
struct ScenarioChanges {
  std::string url;
  Path batch;
  Path cof;             // folder of a dry run, whose commissioning is mix and order
  Nanoseconds last{0};  // all phases are shortened or stretched alike, to this in sum
};

// Files that it names are relative to its folder.
[[nodiscard]] Result<Scenario> load_scenario(const Path& path, const ScenarioChanges& changes = {});
[[nodiscard]] Result<Scenario> parse_scenario(std::string_view toml, const std::string& name,
                                              const Path& folder,
                                              const ScenarioChanges& changes = {});

// Makes the sources of a scenario's runs; the batch is read once. Not thread-safe.
class SourceMaker {
 public:
  // Borrows the scenario.
  explicit SourceMaker(const Scenario& scenario) : scenario_(scenario) {}
  // Borrows `plan`, which need not be the scenario's own.
  [[nodiscard]] Result<std::unique_ptr<RequestSource>> make(const Plan& plan);
  // Signs every request of the plan into a file for `corpus` of the scenario; how many. A usage
  // error without signed Service Requests.
  [[nodiscard]] Result<std::uint64_t> presign(const Plan& plan, const Path& file,
                                              Overwrite overwrite);

 private:
  [[nodiscard]] Status read_batch(const std::string& authority);
  const Scenario& scenario_;
  std::shared_ptr<const RequestPlan> requests_;
};

// Why the plan exceeds the caps; nothing when it does not.
[[nodiscard]] Status check_caps(const Caps& caps, const Plan& plan, std::uint64_t connections);

// Applies abort rules to the seconds of a run. One thread.
class AbortWatch {
 public:
  explicit AbortWatch(const std::vector<AbortRule>& rules) : rules_(rules), broken_(rules.size()) {}
  [[nodiscard]] std::optional<std::string> see(const Second& second);

 private:
  const std::vector<AbortRule>& rules_;
  std::vector<std::uint64_t> broken_;  // seconds in a row
};

}  // namespace s1flow::loadgen
