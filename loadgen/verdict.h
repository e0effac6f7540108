#pragma once
// What a run is worth: thresholds held or missed, or figures that cannot be trusted because the
// generator itself was the limit. Pure; thread-safe.
//
// Only phases that measure count. INVALID outranks a missed threshold: a figure that the generator
// spoiled says nothing of the target.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codecs/config.h"
#include "loadgen/engine.h"

namespace s1flow::loadgen {

enum class VerdictKind : std::uint8_t { pass, missed, invalid, unreachable };
inline constexpr std::array<std::string_view, 4> kVerdictNames{"pass", "missed", "invalid",
                                                               "unreachable"};

enum class Metric : std::uint8_t { response, service, answer, transform };
inline constexpr std::array<std::string_view, 4> kMetricNames{"response", "service", "answer",
                                                              "transform"};

// One limit. Which of the forms: a percentile, a share within a time, a share within each class's
// own target response time, or a share of errors.
struct Threshold {
  enum class Form : std::uint8_t { percentile, within, within_target, errors };
  Form form = Form::percentile;
  Metric metric = Metric::response;
  double percent = 99;     // percentile
  Nanoseconds limit{0};    // of percentile and within
  double share = 0;        // least share within a time, or largest share of errors; 0 to 1
  std::string class_name;  // empty: all together
  std::string phase;       // empty: all that measure, together

  [[nodiscard]] std::string text() const;
};

// "p99<250ms", "p99.9<1s", "errors<0.5%", "within 500ms>99%", "within trt>99%"; before that may
// stand "phase PHASE ", "class CLASS " and, of times, "service ", "answer " or "transform ".
//
// The target response time (TRT) is of the last leg: of the answer where one comes later. Classes
// without one do not count; what failed was not within any time.
[[nodiscard]] Result<Threshold> parse_threshold(std::string_view text);
// From a table of a scenario.
[[nodiscard]] Threshold read_threshold(codecs::ConfigReader& reader);

// From where on the generator is the limit. The defaults are what a healthy run stays well below
// (docs/adr/0009-load-engine.md).
struct ValidityLimits {
  Nanoseconds own_lag_p99 = std::chrono::milliseconds(1);
  double run_delay_share = 0.05;
  double late_share = 0.01;
  Nanoseconds stall = std::chrono::milliseconds(100);
  double busy_share = 0.95;      // of the busiest thread; open loop only
  double unsigned_share = 0.01;  // of requests that should have been signed before they were due
  Nanoseconds clock_step = std::chrono::milliseconds(100);
};

struct ThresholdResult {
  Threshold threshold;
  double seen = 0;  // milliseconds or a share
  bool held = false;
};

struct Verdict {
  VerdictKind kind = VerdictKind::pass;
  std::string reason;  // one line
  std::vector<ThresholdResult> thresholds;
};

[[nodiscard]] Verdict judge(const Plan& plan, std::span<const RequestClass> classes,
                            const RunResult& result, const std::vector<Threshold>& thresholds,
                            const ValidityLimits& limits);

// Why the generator was the limit; nothing when it was not.
[[nodiscard]] std::optional<std::string> invalid_reason(const Health& health,
                                                        const Histogram& own_lag, bool open_loop,
                                                        Nanoseconds wall_step,
                                                        Nanoseconds suspended,
                                                        const ValidityLimits& limits);

}  // namespace s1flow::loadgen
