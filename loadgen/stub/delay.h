#pragma once
// Delay: how long something takes, drawn from a distribution that people can write in a line:
//
//   20ms                  always the same
//   uniform 10ms 50ms     any value between, equally likely
//   lognormal 20ms 0.5    median, and sigma of the natural logarithm; an hour at most
//   empirical FILE        lines of `duration[,weight]`; the durations of the file and no others
//
// Immutable; thread-safe. The randomness is the caller's.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/file.h"
#include "core/random.h"
#include "core/result.h"

namespace s1flow::loadgen::stub {

class Delay {
 public:
  Delay() = default;  // none
  // Files are relative to `folder`. A usage error says what is wrong with the text.
  [[nodiscard]] static Result<Delay> parse(std::string_view text, const Path& folder);
  // The contents of an empirical file.
  [[nodiscard]] static Result<Delay> from_csv(std::string_view csv, const std::string& name);

  [[nodiscard]] Nanoseconds draw(Random& random) const;
  [[nodiscard]] bool is_none() const { return form_ == Form::constant && low_.count() == 0; }

 private:
  enum class Form : std::uint8_t { constant, uniform, lognormal, empirical };
  struct Step {
    double up_to = 0;  // cumulative share
    Nanoseconds value{0};
  };
  Form form_ = Form::constant;
  Nanoseconds low_{0};  // also the constant and the median
  Nanoseconds high_{0};
  double sigma_ = 0;
  std::shared_ptr<const std::vector<Step>> steps_;
};

}  // namespace s1flow::loadgen::stub
