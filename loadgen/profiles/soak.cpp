#include "loadgen/duration.h"
#include "loadgen/profiles/rate_curve.h"
#include "loadgen/profiles/registry.h"

namespace s1flow::loadgen {
namespace {

Result<SchedulePointer> make(codecs::ConfigReader& reader, const ProfileContext& context) {
  const double rate = reader.real("rate", 0, 0.001, kMaxRate);
  const double whole = seconds_of(context.duration);
  const double rise =
      seconds_of(read_duration(reader, "rise", from_seconds(std::min(60.0, whole / 20))));
  if (rise > whole) reader.fail(nullptr, "'rise' is longer than 'duration'");
  return even_schedule({{rise, 0, rate}, {whole - rise, rate, rate}});
}

}  // namespace

constinit const Profile soak_profile{
    .name = "soak",
    .summary = "a slow rise, then the same rate for a long time",
    .parameters = "rate = 200, rise = \"1m\"",
    .make = &make,
};

}  // namespace s1flow::loadgen
