#include "pipeline/model/policy.h"

#include <algorithm>

#include <fmt/format.h>

namespace s1flow::pipeline {

std::optional<FailureClass> parse_failure_class(std::string_view name) {
  const auto it = std::find(kFailureClassNames.begin(), kFailureClassNames.end(), name);
  if (it == kFailureClassNames.end()) return std::nullopt;
  return static_cast<FailureClass>(it - kFailureClassNames.begin());
}

Result<Policy> read_policy(const codecs::ConfigValue* table, const std::string& where) {
  Policy policy;
  if (table == nullptr) return policy;
  codecs::ConfigReader reader(table, where);
  policy.max_failed_attempts =
      static_cast<unsigned>(reader.count("max-failed-attempts", policy.max_failed_attempts, 100));
  for (std::size_t i = 0; i < kFailureClassNames.size(); ++i) {
    const codecs::ConfigValue* row = reader.table(kFailureClassNames[i]);
    if (row == nullptr) continue;
    codecs::ConfigReader fields(row, fmt::format("{}.{}", where, kFailureClassNames[i]));
    PolicyRow& r = policy.rows[i];
    r.attempts = static_cast<unsigned>(fields.count("attempts", r.attempts, 100));
    if (r.attempts == 0) fields.fail(row, "'attempts' must be at least 1");
    r.then = static_cast<Action>(fields.choice(
        "then",
        {kActionNames[0], kActionNames[1], kActionNames[2], kActionNames[3], kActionNames[4]},
        static_cast<std::size_t>(r.then)));
    const auto c = static_cast<FailureClass>(i);
    if (r.then == Action::electricity_only && c != FailureClass::gas_han)
      fields.fail(row, "'electricity-only' is for gas-han");
    S1FLOW_TRY_VOID(fields.finish());
  }
  S1FLOW_TRY_VOID(reader.finish());
  return policy;
}

}  // namespace s1flow::pipeline
