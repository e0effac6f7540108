#include <fmt/format.h>

#include "loadgen/duration.h"
#include "loadgen/profiles/rate_curve.h"
#include "loadgen/profiles/registry.h"

namespace s1flow::loadgen {
namespace {

constexpr std::uint64_t kMaxSteps = 10'000;

Result<SchedulePointer> make(codecs::ConfigReader& reader, const ProfileContext& context) {
  const double from = reader.real("from", 0, 0, kMaxRate);
  const double to = reader.real("to", 0, 0, kMaxRate);
  const std::uint64_t steps = reader.count("steps", 0, kMaxSteps);
  if (steps < 2) reader.fail(nullptr, "'steps' must be 2 or more");
  if (!(from + to > 0)) reader.fail(nullptr, "'from' and 'to' must not both be 0");
  std::vector<RateSegment> segments;
  const double each = seconds_of(context.duration) / static_cast<double>(steps);
  for (std::uint64_t i = 0; i < steps; ++i) {
    const double rate = from + (to - from) * static_cast<double>(i) /
                                   static_cast<double>(std::max<std::uint64_t>(steps - 1, 1));
    segments.push_back({each, rate, rate});
  }
  return even_schedule(segments);
}

}  // namespace

constinit const Profile steps_profile{
    .name = "steps",
    .summary = "from one rate to another in equal stairs of equal length",
    .parameters = "from = 100, to = 1000, steps = 10",
    .make = &make,
};

}  // namespace s1flow::loadgen
