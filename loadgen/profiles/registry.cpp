#include "loadgen/profiles/registry.h"

namespace s1flow::loadgen {

std::span<const Profile* const> profiles() {
  static constexpr const Profile* kProfiles[] = {
      &constant_profile, &ramp_profile,      &steps_profile,  &spike_profile, &burst_profile,
      &poisson_profile,  &day_curve_profile, &replay_profile, &soak_profile,  &closed_profile,
  };
  return kProfiles;
}

const Profile* find_profile(std::string_view name) {
  for (const Profile* profile : profiles())
    if (profile->name == name) return profile;
  return nullptr;
}

}  // namespace s1flow::loadgen
