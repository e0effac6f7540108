#pragma once
// The load profiles by name. A profile reads its parameters from the phase's table of the scenario
// and gives a Schedule; a new one is one file and one line in registry.cpp.

#include <span>
#include <string_view>

#include "codecs/config.h"
#include "core/file.h"
#include "core/result.h"
#include "loadgen/schedule.h"

namespace s1flow::loadgen {

struct ProfileContext {
  Nanoseconds duration{0};  // of the phase
  std::uint64_t seed = 1;   // the scenario's, mixed with the phase's place
  Path folder;              // what names of files are relative to
};

struct Profile {
  std::string_view name;
  std::string_view summary;
  std::string_view parameters;  // as a scenario would state them
  // Parameters that are wrong are faults of `reader`, which the caller finishes; the schedule is of
  // no use then. Only files that cannot be read are an Error.
  Result<SchedulePointer> (*make)(codecs::ConfigReader& reader, const ProfileContext& context);
};

[[nodiscard]] std::span<const Profile* const> profiles();
[[nodiscard]] const Profile* find_profile(std::string_view name);

inline constexpr double kMaxRate = 10'000'000;

extern const Profile burst_profile;
extern const Profile closed_profile;
extern const Profile constant_profile;
extern const Profile day_curve_profile;
extern const Profile poisson_profile;
extern const Profile ramp_profile;
extern const Profile replay_profile;
extern const Profile soak_profile;
extern const Profile spike_profile;
extern const Profile steps_profile;

// What the quick form of `s1flow load` needs.
[[nodiscard]] SchedulePointer constant_schedule(double rate, Nanoseconds duration);
[[nodiscard]] SchedulePointer closed_schedule(std::uint64_t requests);

}  // namespace s1flow::loadgen
