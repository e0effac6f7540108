#pragma once
// The highest rate that holds: doubles until a trial fails (or halves until one holds), then
// halves what lies between. What a trial is, the caller says; the search knows rates and verdicts
// only. Pure but for the trials.

#include <functional>
#include <string>
#include <vector>

#include "loadgen/verdict.h"

namespace s1flow::loadgen {

struct CapacityTrial {
  double rate = 0;      // asked for
  double achieved = 0;  // requests that ended well, a second
  VerdictKind kind = VerdictKind::pass;
  std::string reason;
};

struct CapacitySearch {
  double first_rate = 100;
  double most_rate = 1'000'000;
  double precision = 0.02;  // of the rate; the search ends when the bracket is so narrow
  std::size_t most_trials = 40;
};

enum class Limiter : std::uint8_t {
  target,     // a threshold was missed above this rate
  generator,  // the generator was the limit above it
  cap,        // the largest rate that may be tried held
  none_held,  // no rate held
  stopped     // before the search was over
};
inline constexpr std::array<std::string_view, 5> kLimiterNames{"target", "generator", "cap",
                                                               "none-held", "stopped"};

struct Capacity {
  double rate = 0;  // the highest that held; 0: none
  Limiter limiter = Limiter::target;
  std::string evidence;  // of the lowest rate above it that did not hold
  std::vector<CapacityTrial> trials;
};

// `trial` gives nothing when it was stopped. A rate that failed once is tried again before it is
// believed, since one disturbance would halve the answer; the one that bounds the answer is tried
// once more at the end, since a disturbance may last. An Error of a trial ends the search.
[[nodiscard]] Result<Capacity> find_capacity(
    const CapacitySearch& search,
    const std::function<Result<std::optional<CapacityTrial>>(double rate)>& trial);

// One object and a newline; lines for people.
void append_capacity_json(std::string& out, const Capacity& capacity, const std::string& target,
                          int exit_code);
void append_capacity_text(std::string& out, const Capacity& capacity, const std::string& target);

}  // namespace s1flow::loadgen
