#include "loadgen/duration.h"
#include "loadgen/profiles/rate_curve.h"
#include "loadgen/profiles/registry.h"

namespace s1flow::loadgen {
namespace {

Result<SchedulePointer> make(codecs::ConfigReader& reader, const ProfileContext& context) {
  return constant_schedule(reader.real("rate", 0, 0.001, kMaxRate), context.duration);
}

}  // namespace

SchedulePointer constant_schedule(double rate, Nanoseconds duration) {
  return even_schedule({{seconds_of(duration), rate, rate}});
}

constinit const Profile constant_profile{
    .name = "constant",
    .summary = "the same rate throughout, evenly spaced",
    .parameters = "rate = 1000",
    .make = &make,
};

}  // namespace s1flow::loadgen
