#include "pipeline/model/play.h"

#include <algorithm>

namespace s1flow::pipeline {
namespace {

namespace scf = codecs::scf;
namespace cof = codecs::cof;

bool is_gas(DeviceType t) {
  return t == DeviceType::gsme || t == DeviceType::gpf;
}

// Tries until it succeeds or the policy for what failed allows no further attempt.
template <typename Attempt>
FailureIndex try_step(const Procedures& procedures, const Policy& policy, unsigned& attempts,
                      Attempt attempt) {
  for (attempts = 1;; ++attempts) {
    const FailureIndex failure = attempt(attempts);
    if (failure == kNoFailure) return kNoFailure;
    if (attempts >= policy.row(procedures.failures[failure].kind).attempts) return failure;
  }
}

bool leaves_electricity(const Procedures& procedures, const Policy& policy, FailureIndex failure) {
  return policy.row(procedures.failures[failure].kind).then == Action::electricity_only;
}

}  // namespace

PlayedInstallation play_s1sp(const Procedures& procedures, const Behaviour& behaviour,
                             const Policy& policy, std::string_view installation, GroupId group,
                             std::span<const DeviceRow> devices) {
  PlayedInstallation played;
  for (const DeviceRow& d : devices)
    played.devices.push_back({.device = d, .result = scf::Result::passed, .steps = {}});
  const bool has_esme = std::any_of(devices.begin(), devices.end(),
                                    [](const DeviceRow& d) { return d.type == DeviceType::esme; });
  bool stopped = false;
  bool gas_stopped = false;
  for (const Procedure& procedure : procedures.s1sp)
    for (PlayedDevice& device : played.devices) {
      if (device.device.type != procedure.device) continue;
      for (const ProcedureStep& step : procedure.steps) {
        if (!step.applies_to(group)) continue;
        PlayedStep s{.procedure = &procedure, .step = &step};
        if (!stopped && device.result == scf::Result::passed) {
          s.failure = try_step(procedures, policy, s.attempts, [&](unsigned n) {
            return behaviour.s1sp(installation, device.device.type, procedure, step, n);
          });
          s.result = s.failure == kNoFailure ? scf::StepResult::passed : scf::StepResult::failed;
        }
        if (s.result == scf::StepResult::failed) {
          device.result = scf::Result::failed;
          const bool gas_only = is_gas(device.device.type) && has_esme &&
                                leaves_electricity(procedures, policy, s.failure);
          if (gas_only)
            gas_stopped = true;
          else
            stopped = true;
        }
        device.steps.push_back(s);
      }
    }
  // A Device whose steps were never reached has not passed.
  for (PlayedDevice& d : played.devices) {
    if (stopped)
      d.result = d.steps.empty() || d.steps.back().result != scf::StepResult::passed
                     ? scf::Result::failed
                     : d.result;
    if (gas_stopped && is_gas(d.device.type)) d.result = scf::Result::failed;
  }
  played.result = stopped       ? scf::Result::failed
                  : gas_stopped ? scf::Result::partial
                                : scf::Result::passed;
  return played;
}

CommissionedInstallation play_commissioning(const Procedures& procedures,
                                            const Behaviour& behaviour, const Policy& policy,
                                            const CommissioningOrder& order,
                                            std::span<const DeviceRow> devices) {
  CommissionedInstallation played;
  for (const DeviceRow& d : devices)
    played.devices.push_back({.device = d, .result = cof::Result::commissioned, .steps = {}});
  const bool has_esme = std::any_of(devices.begin(), devices.end(),
                                    [](const DeviceRow& d) { return d.type == DeviceType::esme; });
  bool stopped = false;
  bool gas_stopped = order.electricity_only;
  bool supplier_part = false;
  for (const CommissioningStep& step : procedures.commissioning)
    for (CommissionedDevice& device : played.devices) {
      const DeviceType type = device.device.type;
      if (!step.applies_to(type, order.status[is_gas(type) ? 1 : 0])) continue;
      CommissionedStep s{.step = &step};
      if (order.by_supplier && type != DeviceType::chf) {
        s.result = cof::StepResult::by_supplier;
        device.result = cof::Result::awaiting_supplier;
        supplier_part = true;
      } else if (!stopped && !(gas_stopped && is_gas(type)) &&
                 device.result == cof::Result::commissioned) {
        s.failure = try_step(procedures, policy, s.attempts, [&](unsigned n) {
          return behaviour.commissioning(order.installation, type, step, n);
        });
        s.result = s.failure == kNoFailure ? cof::StepResult::done : cof::StepResult::failed;
      }
      if (s.result == cof::StepResult::failed) {
        device.result = cof::Result::failed;
        const bool gas_only =
            is_gas(type) && has_esme && leaves_electricity(procedures, policy, s.failure);
        if (gas_only)
          gas_stopped = true;
        else
          stopped = true;
      }
      device.steps.push_back(s);
    }
  for (CommissionedDevice& d : played.devices) {
    const bool undone = std::any_of(d.steps.begin(), d.steps.end(), [](const CommissionedStep& s) {
      return s.result == cof::StepResult::not_run;
    });
    if (undone) d.result = cof::Result::failed;
  }
  played.result = stopped         ? cof::Result::failed
                  : gas_stopped   ? cof::Result::partial
                  : supplier_part ? cof::Result::awaiting_supplier
                                  : cof::Result::commissioned;
  return played;
}

}  // namespace s1flow::pipeline
