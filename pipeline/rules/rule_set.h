#pragma once
// All rules of the program in the order of the week, with the severities of one run. Immutable
// after construction; thread-safe.

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/finding.h"
#include "core/result.h"

namespace s1flow::pipeline {

using RuleIndex = std::uint16_t;

// Every rule: those of the codecs, then those of pipeline/rules/list.h.
[[nodiscard]] std::span<const Rule* const> all_rules();
[[nodiscard]] const Rule* find_rule(std::string_view id);
[[nodiscard]] std::string_view nearest_rule_id(std::string_view id);  // for "did you mean"

struct RuleEntry;
[[nodiscard]] std::span<const RuleEntry* const> rule_entries();
[[nodiscard]] const RuleEntry* entry_of(const Rule& rule);  // null for rules of the codecs

class RuleSet {
 public:
  RuleSet();  // the rules' own severities
  // Unknown ids are usage errors that name the nearest known one.
  [[nodiscard]] static Result<RuleSet> with(
      const std::vector<std::pair<std::string, Severity>>& overrides);

  // A copy with one more override.
  [[nodiscard]] Result<RuleSet> changed(std::string_view id, Severity severity) const;

  [[nodiscard]] RuleIndex index(const Rule& rule) const;
  [[nodiscard]] const Rule& rule(RuleIndex index) const { return *all_rules()[index]; }
  [[nodiscard]] Severity severity(const Rule& rule) const { return severities_[index(rule)]; }
  [[nodiscard]] bool enabled(const Rule& rule) const { return severity(rule) != Severity::off; }

 private:
  std::vector<Severity> severities_;  // by index
};

}  // namespace s1flow::pipeline
