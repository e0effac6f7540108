#pragma once
// The larger parts of a stub's TOML file; for settings.cpp only.

#include "loadgen/stub/settings.h"

namespace s1flow::loadgen::stub {

// [receive], [devices], [[device]], [[user]].
[[nodiscard]] Status read_parties(codecs::ConfigReader& reader, const std::string& name,
                                  const Path& folder, StubSettings& settings);
// [answers], [[srv]], [[alert]], [[storm]], [[timeline]], [schedules].
[[nodiscard]] Status read_behaviour(codecs::ConfigReader& reader, const std::string& name,
                                    const Path& folder, StubSettings& settings);

}  // namespace s1flow::loadgen::stub
