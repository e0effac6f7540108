#pragma once
// Behaviour: how Devices, the S1SP and the exchange act in a dry run. Two sources: a script of
// outcomes, which says exactly what fails, and a seeded model, which draws failures by probability.
// The draw for a step depends on the seed, the installation, the step and the attempt only, so it
// is the same for any number of workers and any order.
//
// Immutable after load; thread-safe.

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "pipeline/batch.h"
#include "pipeline/model/procedures.h"

namespace s1flow::pipeline {

// A fault that a file gets after it was made, before its receiver sees it.
struct ExchangeEvent {
  std::string file;  // file type
  std::string smso;  // empty: any
  std::optional<Date> day;
  GroupId group;             // empty: any
  std::string installation;  // the record that is meant, where the fault is one of a record
  std::string fault;         // rule id that it provokes
  std::uint64_t line = 0;    // in the script
};

class Behaviour {
 public:
  // Codes that no procedure knows are usage errors with the line.
  [[nodiscard]] static Result<Behaviour> load(const Batch& batch, const Procedures& procedures);

  // What goes wrong at this step in this attempt (from 1); kNoFailure when nothing does.
  [[nodiscard]] FailureIndex s1sp(std::string_view installation, DeviceType device,
                                  const Procedure& procedure, const ProcedureStep& step,
                                  unsigned attempt) const;
  [[nodiscard]] FailureIndex commissioning(std::string_view installation, DeviceType device,
                                           const CommissioningStep& step, unsigned attempt) const;
  [[nodiscard]] const std::vector<ExchangeEvent>& exchange_events() const { return events_; }

 private:
  struct Scripted {
    DeviceType device;
    std::string step;  // "procedure/step" or an SRV
    FailureIndex failure;
    std::uint64_t attempts;  // the first so many fail
  };
  [[nodiscard]] FailureIndex scripted(std::string_view installation, DeviceType device,
                                      std::string_view procedure, std::string_view step,
                                      unsigned attempt, bool& found) const;
  [[nodiscard]] FailureIndex drawn(std::string_view installation, DeviceType device,
                                   std::uint64_t step_key,
                                   const std::vector<FailureIndex>& failures,
                                   const std::vector<double>& chances, unsigned attempt) const;

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
  };
  std::unordered_map<std::string, std::vector<Scripted>, Hash, std::equal_to<>> scripted_;
  std::vector<ExchangeEvent> events_;
  std::uint64_t seed_ = 1;
  std::vector<double> s1sp_chances_, commissioning_chances_;  // by failure
  bool any_s1sp_ = false, any_commissioning_ = false;
};

}  // namespace s1flow::pipeline
