#pragma once
// A rate that runs in straight lines, and the schedule that follows from its integral: request k is
// due when the area under the rate reaches k. Immutable; thread-safe.

#include <vector>

#include "loadgen/schedule.h"

namespace s1flow::loadgen {

struct RateSegment {
  double seconds = 0;
  double from = 0;  // per second, at its start
  double to = 0;    // at its end
};

class RateCurve {
 public:
  // Segments follow each other; those of no length only jump. Rates and lengths are not negative.
  explicit RateCurve(const std::vector<RateSegment>& segments);

  // Requests due up to `seconds`, as a real number.
  [[nodiscard]] double integral(double seconds) const;
  // When the integral reaches `area` (at most total()); O(log segments).
  [[nodiscard]] double time_of(double area) const;
  [[nodiscard]] double total() const { return total_; }
  [[nodiscard]] double seconds() const { return seconds_; }
  // Requests with a due time within the curve: those whose k lies below the integral.
  [[nodiscard]] std::uint64_t count() const;

 private:
  struct Piece {
    double start;
    double area;  // before it
    double from;
    double slope;
    double seconds;
  };
  std::vector<Piece> pieces_;
  double total_ = 0;
  double seconds_ = 0;
};

// Evenly spaced along the curve.
[[nodiscard]] SchedulePointer even_schedule(const std::vector<RateSegment>& segments);

}  // namespace s1flow::loadgen
