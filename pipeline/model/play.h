#pragma once
// Plays the S1SP's procedures and the commissioning of one installation: which step ends how, after
// how many attempts. Pure; thread-safe.

#include <span>
#include <vector>

#include "codecs/files/cof.h"
#include "codecs/files/scf.h"
#include "pipeline/model/behaviour.h"
#include "pipeline/model/procedures.h"
#include "pipeline/week/week_table.h"

namespace s1flow::pipeline {

// ---- S1SP (MTAD 5.5)

struct PlayedStep {
  const Procedure* procedure = nullptr;
  const ProcedureStep* step = nullptr;
  codecs::scf::StepResult result = codecs::scf::StepResult::not_run;
  FailureIndex failure = kNoFailure;
  unsigned attempts = 0;
};
struct PlayedDevice {
  DeviceRow device;
  codecs::scf::Result result = codecs::scf::Result::passed;
  std::vector<PlayedStep> steps;
};
struct PlayedInstallation {
  codecs::scf::Result result = codecs::scf::Result::passed;
  std::vector<PlayedDevice> devices;
};
// Devices in the order hub, then meters as procedures name them. A hub that fails takes all with
// it; so does the electricity meter; a gas meter leaves the electricity side standing when the
// policy for its failure says so.
[[nodiscard]] PlayedInstallation play_s1sp(const Procedures& procedures, const Behaviour& behaviour,
                                           const Policy& policy, std::string_view installation,
                                           GroupId group, std::span<const DeviceRow> devices);

// ---- commissioning (MTAD 5.6(b))

struct CommissionedStep {
  const CommissioningStep* step = nullptr;
  codecs::cof::StepResult result = codecs::cof::StepResult::not_run;
  FailureIndex failure = kNoFailure;
  unsigned attempts = 0;
};
struct CommissionedDevice {
  DeviceRow device;
  codecs::cof::Result result = codecs::cof::Result::commissioned;
  std::vector<CommissionedStep> steps;
};
struct CommissionedInstallation {
  codecs::cof::Result result = codecs::cof::Result::commissioned;
  std::vector<CommissionedDevice> devices;
};
struct CommissioningOrder {
  std::string_view installation;
  bool by_supplier = false;  // all Devices but the hub (MTAD 5.2(b))
  bool electricity_only = false;
  std::array<MeterStatus, 2> status{};  // of the electricity and the gas meter
};
[[nodiscard]] CommissionedInstallation play_commissioning(const Procedures& procedures,
                                                          const Behaviour& behaviour,
                                                          const Policy& policy,
                                                          const CommissioningOrder& order,
                                                          std::span<const DeviceRow> devices);

}  // namespace s1flow::pipeline
