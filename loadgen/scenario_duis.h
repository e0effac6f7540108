#pragma once
// The parts of a scenario that concern Service Requests: [duis], [[request]] and [receive].

#include "loadgen/scenario.h"

namespace s1flow::loadgen {

[[nodiscard]] Status read_duis(codecs::ConfigReader& reader, const Path& folder,
                               const ScenarioChanges& changes, DuisSettings& to);
[[nodiscard]] Status read_request(codecs::ConfigReader& reader, const Path& folder,
                                  DuisSettings& to);
[[nodiscard]] Status read_receive(codecs::ConfigReader& reader, const Path& folder,
                                  const ScenarioChanges& changes, EngineOptions& to);

}  // namespace s1flow::loadgen
