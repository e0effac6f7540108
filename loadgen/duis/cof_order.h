#pragma once
// The commissioning of a dry run as a load: the steps of its Commissioning Outcome Files in the
// order in which they were taken.

#include "loadgen/duis/duis_settings.h"

namespace s1flow::loadgen {

// Fills `kinds` and `given` of the settings from the COF files of a dry run's folder (its
// files/cof, or a folder of COF files itself), one kind for each variant. Steps that were not run,
// or are the supplier's, are left out. A usage error when there is no step, or a file cannot be
// read.
[[nodiscard]] Status read_cof_order(const Path& folder, DuisSettings& settings);

}  // namespace s1flow::loadgen
