#include "pipeline/model/behaviour.h"

#include <algorithm>

#include <fmt/format.h>

#include "codecs/files/script.h"
#include "core/random.h"
#include "pipeline/each_record.h"

namespace s1flow::pipeline {
namespace {

namespace script = codecs::script;

Status set_chances(const std::vector<std::pair<std::string, double>>& from,
                   const Procedures& procedures, std::string_view where, std::vector<double>& to,
                   bool& any) {
  to.assign(procedures.failures.size(), 0.0);
  for (const auto& [code, chance] : from) {
    const FailureIndex i = procedures.find(code);
    if (i == kNoFailure)
      return tl::unexpected(
          usage_error(fmt::format("batch.toml: model.{}: there is no failure '{}'", where, code)));
    to[i] = chance;
    any = any || chance > 0;
  }
  return {};
}

}  // namespace

Result<Behaviour> Behaviour::load(const Batch& batch, const Procedures& procedures) {
  Behaviour b;
  b.seed_ = batch.model.seed;
  S1FLOW_TRY_VOID(set_chances(batch.model.s1sp, procedures, "s1sp", b.s1sp_chances_, b.any_s1sp_));
  S1FLOW_TRY_VOID(set_chances(batch.model.commissioning, procedures, "commissioning",
                              b.commissioning_chances_, b.any_commissioning_));
  if (batch.script.empty()) return b;
  const auto layout = batch.layouts.preferred("script");
  const auto add = [&](const codecs::Record& r) -> Status {
    const auto fail = [&](std::string_view what) {
      return tl::unexpected(
          usage_error(fmt::format("{}:{}: {}", batch.script.string(), r.line, what)));
    };
    if (r[script::fault].present()) {
      if (!r[script::file].present()) return fail("a fault needs the file that gets it");
      b.events_.push_back({.file = std::string(r[script::file].text),
                           .smso = std::string(r[script::smso].text),
                           .day = codecs::as_date(r[script::day]),
                           .group = codecs::as_group_id(r[script::group_id]),
                           .installation = std::string(r[script::installation].text),
                           .fault = std::string(r[script::fault].text),
                           .line = r.line});
      return {};
    }
    if (!r[script::installation].good() || !r[script::device].good() ||
        !r[script::step].present() || !r[script::code].present())
      return fail("a line needs either file and fault, or installation, device, step and code");
    const FailureIndex failure = procedures.find(r[script::code].text);
    if (failure == kNoFailure)
      return fail(fmt::format("there is no failure '{}'", r[script::code].text));
    b.scripted_[std::string(r[script::installation].text)].push_back(
        {.device = *codecs::as_code<DeviceType>(r[script::device]),
         .step = std::string(r[script::step].text),
         .failure = failure,
         .attempts =
             r[script::attempts].good() ? codecs::as_count(r[script::attempts]) : UINT64_MAX});
    return {};
  };
  S1FLOW_TRY_VOID(each_record(batch.script, layout, batch.limits, add));
  return b;
}

FailureIndex Behaviour::scripted(std::string_view installation, DeviceType device,
                                 std::string_view procedure, std::string_view step,
                                 unsigned attempt, bool& found) const {
  found = false;
  if (scripted_.empty()) return kNoFailure;
  const auto it = scripted_.find(installation);
  if (it == scripted_.end()) return kNoFailure;
  for (const Scripted& s : it->second) {
    if (s.device != device) continue;
    const bool same = procedure.empty()
                          ? s.step == step
                          : s.step.size() == procedure.size() + 1 + step.size() &&
                                s.step.starts_with(procedure) && s.step[procedure.size()] == '/' &&
                                s.step.ends_with(step);
    if (!same) continue;
    found = true;
    return attempt <= s.attempts ? s.failure : kNoFailure;
  }
  return kNoFailure;
}

FailureIndex Behaviour::drawn(std::string_view installation, DeviceType device,
                              std::uint64_t step_key, const std::vector<FailureIndex>& failures,
                              const std::vector<double>& chances, unsigned attempt) const {
  Random random(hash64(installation, seed_),
                step_key ^ (static_cast<std::uint64_t>(device) << 56) ^ attempt);
  for (const FailureIndex f : failures)
    if (chances[f] > 0 && random.chance(chances[f])) return f;
  return kNoFailure;
}

FailureIndex Behaviour::s1sp(std::string_view installation, DeviceType device,
                             const Procedure& procedure, const ProcedureStep& step,
                             unsigned attempt) const {
  bool found = false;
  const FailureIndex f = scripted(installation, device, procedure.id, step.name, attempt, found);
  if (found || !any_s1sp_) return f;
  return drawn(installation, device, step.key, step.failures, s1sp_chances_, attempt);
}

FailureIndex Behaviour::commissioning(std::string_view installation, DeviceType device,
                                      const CommissioningStep& step, unsigned attempt) const {
  bool found = false;
  const FailureIndex f = scripted(installation, device, {}, step.srv, attempt, found);
  if (found || !any_commissioning_) return f;
  return drawn(installation, device, step.key, step.failures, commissioning_chances_, attempt);
}

}  // namespace s1flow::pipeline
