#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

struct Choice {
  DeviceType device;
  std::string_view srv, code;
  Outcome outcome;
};
constexpr Choice kChoices[] = {
    {DeviceType::chf, "12.2", "E1001", Outcome::retry},
    {DeviceType::chf, "8.1.1", "E20", Outcome::retry},
    {DeviceType::chf, "8.1.1", "E5", Outcome::parked},
    {DeviceType::esme, "8.11", "E21", Outcome::retry},
    {DeviceType::esme, "8.1.1", "E5", Outcome::parked},
    {DeviceType::gsme, "8.11", "E20", Outcome::retry},
};

bool spoil(InstallationDraft& d, DraftWorld& world) {
  const Choice& c = kChoices[world.random.below(std::size(kChoices))];
  if (d.device(c.device) == nullptr) return false;
  // A commissioning supplier sends the requests of all Devices but the hub itself.
  if (d.by_supplier && c.device != DeviceType::chf) return false;
  d.script.push_back(
      {.device = c.device, .step = std::string(c.srv), .code = std::string(c.code), .attempts = 0});
  d.expect(cof_step_failed.rule, ExpectedIn::cof, std::string(c.srv), std::string(c.code));
  Outcome outcome = c.outcome;
  if (world.random.chance(0.25)) {
    d.failed_attempts = 4;
    outcome = Outcome::excluded;
  }
  d.settle(outcome, WeekStage::cof, &cof_step_failed.rule, std::string(c.code));
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry cof_step_failed{
    .rule =
        {
            .id = "cof.step-failed",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 5.6(a)(ii), 5.6(b)",
            .title = "A commissioning step failed",
            .meaning = "A Service Request of the commissioning did not succeed within the attempts "
                       "that the policy allows.",
            .cause = "The finding shows the Service Request and the response code.",
            .remedy =
                "See the response code; the policy has decided what becomes of the installation.",
        },
    .failure_class = FailureClass::service,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
