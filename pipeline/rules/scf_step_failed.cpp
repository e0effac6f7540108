#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

struct Choice {
  DeviceType device;
  std::string_view step, code;
  Outcome outcome;
};
constexpr Choice kChoices[] = {
    {DeviceType::chf, "prepare-chf/open-wan-session", "hub-unreachable", Outcome::retry},
    {DeviceType::chf, "prepare-chf/take-over-hub", "hub-refused", Outcome::parked},
    {DeviceType::esme, "install-esme/reach-meter", "meter-no-answer", Outcome::retry},
    {DeviceType::esme, "install-esme/check-configuration", "configuration-differs",
     Outcome::parked},
    {DeviceType::esme, "secure-esme/replace-keys", "key-mismatch", Outcome::parked},
    {DeviceType::gsme, "install-gsme/wake-meter", "GT01", Outcome::electricity_only},
    {DeviceType::gsme, "install-gsme/authenticate", "key-mismatch", Outcome::parked},
};

bool spoil(InstallationDraft& d, DraftWorld& world) {
  const Choice& c = kChoices[world.random.below(std::size(kChoices))];
  if (d.device(c.device) == nullptr) return false;
  if (c.outcome == Outcome::electricity_only && (!d.dual_fuel() || d.by_supplier)) return false;
  d.script.push_back({.device = c.device,
                      .step = std::string(c.step),
                      .code = std::string(c.code),
                      .attempts = 0});
  d.expect(scf_step_failed.rule, ExpectedIn::scf, std::string(c.step), std::string(c.code));
  // The fifth failed attempt excludes (policy.max-failed-attempts).
  Outcome outcome = c.outcome;
  if (outcome != Outcome::electricity_only && world.random.chance(0.25)) {
    d.failed_attempts = 4;
    outcome = Outcome::excluded;
  }
  // What is left of an electricity-only installation goes on and is commissioned.
  const WeekStage stage = outcome == Outcome::electricity_only ? WeekStage::cof : WeekStage::scf;
  d.settle(outcome, stage, &scf_step_failed.rule, std::string(c.code));
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry scf_step_failed{
    .rule =
        {
            .id = "scf.step-failed",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 5.5, 5.6(a)(i)",
            .title = "A step of the S1SP failed",
            .meaning = "One of the S1SP's checks before commissioning did not succeed within the "
                       "attempts that the policy "
                       "allows.",
            .cause = "The finding shows the procedure, the step and the failure code.",
            .remedy =
                "See the failure code; the policy has decided what becomes of the installation.",
        },
    .failure_class = FailureClass::service,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
