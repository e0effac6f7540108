#include "codecs/files/mcf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const McfCheck& c, CheckReport& report) {
  Eui64 chf, gpf;
  for (const codecs::GroupInstance& g : c.record.group(codecs::mcf::device)) {
    const auto type = codecs::as_code<DeviceType>(g[codecs::mcf::type]);
    if (type == DeviceType::chf) chf = codecs::as_eui64(g[codecs::mcf::id]);
    if (type == DeviceType::gpf) gpf = codecs::as_eui64(g[codecs::mcf::id]);
  }
  if (!chf.empty() && chf == gpf) report.add("device.id", chf.text());
}

bool spoil(InstallationDraft& d, DraftWorld&) {
  DeviceDraft* gpf = d.device(DeviceType::gpf);
  if (gpf == nullptr) return false;
  gpf->id = d.device(DeviceType::chf)->id;
  d.expect(mcf_chf_equals_gpf.rule, ExpectedIn::mcf, "device.id", gpf->id.text());
  d.settle(Outcome::rejected, WeekStage::mcf, &mcf_chf_equals_gpf.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry mcf_chf_equals_gpf{
    .rule =
        {
            .id = "mcf.chf-equals-gpf",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "DUIS 12.2",
            .title = "CHF and GPF have the same Device ID",
            .meaning = "Hub and gas proxy are two Devices with two ids; DUIS answers a "
                       "pre-notification of equal ones with "
                       "E120201.",
            .cause = "The gas proxy's id was not recorded and the hub's was copied.",
            .remedy = "Record the gas proxy's own id.",
            .public_code = "E120201",
        },
    .mcf = &check,
    .needs = Needs::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
