#pragma once
// Policy: what becomes of an installation after a failure. One row per failure class, set in
// batch.toml; the classes are s1flow's own reading of the "Migration Error Handling and Retry
// Strategy" (TMAD 8.8), whose text is not public.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "codecs/config.h"

namespace s1flow::pipeline {

enum class FailureClass : std::uint8_t {
  file,              // a file of the exchange was refused
  data,              // a record was refused by a rule
  no_communication,  // the hub or a Device cannot be reached
  device_refused,    // a Device answered with a refusal
  security,          // keys or certificates do not fit
  gas_han,           // the gas meter's HAN side (GT01)
  service,           // the DCC or the S1SP itself
};
inline constexpr std::array<std::string_view, 7> kFailureClassNames{
    "file", "data", "no-communication", "device-refused", "security", "gas-han", "service"};
[[nodiscard]] inline std::string_view name_of(FailureClass c) {
  return kFailureClassNames[static_cast<std::size_t>(c)];
}
[[nodiscard]] std::optional<FailureClass> parse_failure_class(std::string_view name);

// What follows when the attempts of this week are used up.
enum class Action : std::uint8_t {
  reject,            // out of the week; the data has to be mended
  retry,             // in a later week, as it is
  park,              // set aside until somebody decides
  exclude,           // not to be migrated
  electricity_only,  // go on with the electricity side (gas failures of dual-fuel installations)
};
inline constexpr std::array<std::string_view, 5> kActionNames{"reject", "retry", "park", "exclude",
                                                              "electricity-only"};
[[nodiscard]] inline std::string_view name_of(Action a) {
  return kActionNames[static_cast<std::size_t>(a)];
}

struct PolicyRow {
  unsigned attempts = 1;  // of a step within the week
  Action then = Action::retry;
};

struct Policy {
  // Failed migration attempts after which an installation is excluded (an Excluded Category
  // proposed in 2021).
  unsigned max_failed_attempts = 5;
  std::array<PolicyRow, kFailureClassNames.size()> rows{{
      {1, Action::retry},             // file
      {1, Action::reject},            // data
      {3, Action::retry},             // no_communication
      {2, Action::park},              // device_refused
      {1, Action::park},              // security
      {2, Action::electricity_only},  // gas_han
      {3, Action::retry},             // service
  }};
  [[nodiscard]] const PolicyRow& row(FailureClass c) const {
    return rows[static_cast<std::size_t>(c)];
  }
};

// [policy] of batch.toml; null: the defaults.
[[nodiscard]] Result<Policy> read_policy(const codecs::ConfigValue* table,
                                         const std::string& where);

}  // namespace s1flow::pipeline
