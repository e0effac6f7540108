#include "loadgen/shipped_scenarios.h"

#include <fmt/format.h>

#include "core/text.h"

namespace s1flow::loadgen {

std::string_view summary_of(const EmbeddedFile& scenario) {
  std::string_view text(scenario.bytes);
  if (!text.starts_with("# ")) return {};
  return text.substr(2, text.find('\n') - 2);
}

Result<Scenario> open_scenario(const std::string& name, const ScenarioChanges& changes) {
  const bool is_name = name.find('/') == std::string::npos && !name.ends_with(".toml");
  if (!is_name || std::filesystem::exists(name)) return load_scenario(name, changes);
  std::string known;
  for (const EmbeddedFile& file : shipped_scenario_files()) {
    const std::string_view path(file.path);
    const std::string_view stem = path.substr(0, path.rfind('.'));
    if (stem == name) return parse_scenario(file.bytes, std::string(path), {}, changes);
    known += fmt::format(" {}", stem);
  }
  return tl::unexpected(usage_error(
      fmt::format("{}: is no file, and no shipped scenario; there are{}", shown(name), known)));
}

}  // namespace s1flow::loadgen
