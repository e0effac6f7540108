#include "loadgen/duration.h"
#include "loadgen/profiles/rate_curve.h"
#include "loadgen/profiles/registry.h"

namespace s1flow::loadgen {
namespace {

Result<SchedulePointer> make(codecs::ConfigReader& reader, const ProfileContext& context) {
  const double from = reader.real("from", 0, 0, kMaxRate);
  const double to = reader.real("to", 0, 0, kMaxRate);
  if (!(from + to > 0)) reader.fail(nullptr, "'from' and 'to' must not both be 0");
  return even_schedule({{seconds_of(context.duration), from, to}});
}

}  // namespace

constinit const Profile ramp_profile{
    .name = "ramp",
    .summary = "from one rate to another in a straight line",
    .parameters = "from = 100, to = 1000",
    .make = &make,
};

}  // namespace s1flow::loadgen
