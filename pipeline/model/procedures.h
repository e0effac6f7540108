#pragma once
// The tables of steps that stand behind SCF and COF: the S1SP's procedures per GroupID (MTAD 5.5)
// and the commissioning Service Requests with their alerts (MTAD 5.6(b), Table 5.2), read from
// schemas/procedures/. Data, so that a user who holds the real tables can replace them.
//
// Immutable after load; thread-safe.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codecs/layout/source.h"
#include "core/device.h"
#include "core/result.h"
#include "pipeline/model/policy.h"

namespace s1flow::pipeline {

struct Failure {
  std::string code;
  FailureClass kind = FailureClass::service;
  std::string title;
};
using FailureIndex = std::uint16_t;  // into Procedures::failures
inline constexpr FailureIndex kNoFailure = 0xFFFF;

struct ProcedureStep {
  std::string name;
  std::vector<GroupId> groups;  // empty: all
  std::vector<std::string> needs;
  std::vector<FailureIndex> failures;
  std::uint64_t key = 0;  // hash of procedure and step, for the model
  [[nodiscard]] bool applies_to(GroupId group) const;
};

struct Procedure {
  std::string id;
  std::string title;
  std::string clause;
  DeviceType device = DeviceType::chf;
  std::vector<ProcedureStep> steps;
};

struct CommissioningStep {
  std::vector<DeviceType> devices;
  std::optional<MeterStatus> status;  // only for meters of this status
  std::string srv;
  std::vector<std::string> alerts;
  std::vector<FailureIndex> failures;
  std::uint64_t key = 0;
  [[nodiscard]] bool applies_to(DeviceType device, MeterStatus meter_status) const;
};

struct Procedures {
  std::vector<Failure> failures;
  std::vector<Procedure> s1sp;
  std::vector<CommissioningStep> commissioning;
  [[nodiscard]] FailureIndex find(std::string_view code) const;  // kNoFailure when unknown
};

// From the last of procedures/*.toml in `source` that can be read.
[[nodiscard]] Result<Procedures> load_procedures(const codecs::SchemaSource& source);

}  // namespace s1flow::pipeline
