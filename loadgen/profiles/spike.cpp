#include "loadgen/duration.h"
#include "loadgen/profiles/rate_curve.h"
#include "loadgen/profiles/registry.h"

namespace s1flow::loadgen {
namespace {

Result<SchedulePointer> make(codecs::ConfigReader& reader, const ProfileContext& context) {
  const double rate = reader.real("rate", 0, 0, kMaxRate);
  const double peak = reader.real("peak", 0, 0.001, kMaxRate);
  const double at = seconds_of(read_required_duration(reader, "at"));
  const double length = seconds_of(read_required_duration(reader, "length"));
  const double edge = seconds_of(read_duration(reader, "edge", Nanoseconds{0}));
  const double whole = seconds_of(context.duration);
  const double after = whole - at - length - 2 * edge;
  if (after < 0)
    reader.fail(
        nullptr,
        "the spike ends after the phase: 'at' + 2 'edge' + 'length' is longer than 'duration'");
  return even_schedule({{at, rate, rate},
                        {edge, rate, peak},
                        {length, peak, peak},
                        {edge, peak, rate},
                        {after, rate, rate}});
}

}  // namespace

constinit const Profile spike_profile{
    .name = "spike",
    .summary = "a constant rate with one peak in it",
    .parameters = "rate = 100, peak = 2000, at = \"10s\", length = \"5s\", edge = \"1s\"",
    .make = &make,
};

}  // namespace s1flow::loadgen
