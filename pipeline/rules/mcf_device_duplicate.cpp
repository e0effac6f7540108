#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

bool spoil(InstallationDraft& d, DraftWorld&) {
  DeviceDraft* display = d.device(DeviceType::ppmid);
  if (display == nullptr || !d.meters[0].present) return false;
  display->id = d.device(DeviceType::esme)->id;
  d.expect(mcf_device_duplicate.rule, ExpectedIn::mcf, "device.id", display->id.text());
  d.settle(Outcome::rejected, WeekStage::mcf, &mcf_device_duplicate.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry mcf_device_duplicate{
    .rule =
        {
            .id = "mcf.device-duplicate",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .title = "A Device is used twice",
            .meaning =
                "The Device ID stands in another installation of the week, or twice in this one.",
            .cause = "A Device was moved and the old installation was not corrected.",
            .remedy = "Find out where the Device is, and correct the inventory.",
        },
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
