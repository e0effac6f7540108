#include "codecs/files/mcf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const McfCheck& c, CheckReport& report) {
  if (c.installation == nullptr) return;
  for (const codecs::GroupInstance& g : c.record.group(codecs::mcf::device)) {
    const auto type = codecs::as_code<DeviceType>(g[codecs::mcf::type]);
    if (type != DeviceType::esme && type != DeviceType::gsme) continue;
    const MeterRow& meter = c.installation->meters[type == DeviceType::esme ? 0 : 1];
    const Eui64 supplier = codecs::as_eui64(g[codecs::mcf::supplier]);
    if (!supplier.empty() && meter.supplier != kNone16 && supplier != c.parties[meter.supplier])
      report.add("device.supplier", supplier.text());
  }
}

constexpr Fault kFault{.files = "mcf record"};

}  // namespace

constinit const RuleEntry mcf_supplier_differs{
    .rule =
        {
            .id = "mcf.supplier-differs",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .title = "The MCF names another supplier than the registration",
            .meaning = "The supplier of a meter in the MCF has to be the one that the registration "
                       "data has for its MPxN.",
            .cause = "The Requesting Party used old data.",
            .remedy = "Have the MCF made anew.",
        },
    .mcf = &check,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
