#include "loadgen/profiles/rate_curve.h"

#include <algorithm>
#include <cmath>

#include "loadgen/duration.h"

namespace s1flow::loadgen {
namespace {

class EvenSchedule final : public Schedule {
 public:
  explicit EvenSchedule(const std::vector<RateSegment>& segments)
      : curve_(segments), count_(curve_.count()) {}
  [[nodiscard]] std::uint64_t count() const override { return count_; }
  [[nodiscard]] Nanoseconds due(std::uint64_t k) const override {
    return from_seconds(curve_.time_of(static_cast<double>(k)));
  }

 private:
  RateCurve curve_;
  std::uint64_t count_;
};

}  // namespace

RateCurve::RateCurve(const std::vector<RateSegment>& segments) {
  for (const RateSegment& s : segments) {
    if (s.seconds <= 0) continue;
    const double area = (s.from + s.to) / 2 * s.seconds;
    pieces_.push_back({seconds_, total_, s.from, (s.to - s.from) / s.seconds, s.seconds});
    seconds_ += s.seconds;
    total_ += area;
  }
}

double RateCurve::integral(double seconds) const {
  if (pieces_.empty() || seconds <= 0) return 0;
  if (seconds >= seconds_) return total_;
  const auto next = std::upper_bound(pieces_.begin(), pieces_.end(), seconds,
                                     [](double t, const Piece& p) { return t < p.start; });
  const Piece& p = *(next - 1);
  const double t = seconds - p.start;
  return p.area + p.from * t + p.slope * t * t / 2;
}

double RateCurve::time_of(double area) const {
  if (pieces_.empty()) return 0;
  // The last piece that starts at or below the area: pieces without any rate are passed over.
  const auto next = std::upper_bound(pieces_.begin(), pieces_.end(), area,
                                     [](double a, const Piece& p) { return a < p.area; });
  const Piece& p = next == pieces_.begin() ? pieces_.front() : *(next - 1);
  const double rest = area - p.area;
  if (rest <= 0) return p.start;
  // The root of slope/2 t² + from t = rest in the form that loses no digits for a small slope.
  const double root = std::sqrt(std::max(0.0, p.from * p.from + 2 * p.slope * rest));
  return p.start + std::min(p.seconds, 2 * rest / (p.from + root));
}

std::uint64_t RateCurve::count() const {
  // The area of whole numbers comes out a hair beside them.
  return static_cast<std::uint64_t>(std::ceil(total_ - 1e-6));
}

SchedulePointer even_schedule(const std::vector<RateSegment>& segments) {
  return std::make_shared<EvenSchedule>(segments);
}

}  // namespace s1flow::loadgen
