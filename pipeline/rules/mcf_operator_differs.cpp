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
    const Eui64 network_operator = codecs::as_eui64(g[codecs::mcf::network_operator]);
    if (!network_operator.empty() && meter.network_operator != kNone16 &&
        network_operator != c.parties[meter.network_operator])
      report.add("device.network-operator", network_operator.text());
  }
}

constexpr Fault kFault{.files = "mcf record"};

}  // namespace

constinit const RuleEntry mcf_operator_differs{
    .rule =
        {
            .id = "mcf.operator-differs",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .title = "The MCF names another network operator than the registration",
            .meaning = "The network operator of a meter in the MCF has to be the one that the "
                       "registration data has for its "
                       "MPxN.",
            .cause = "The Requesting Party used old data.",
            .remedy = "Have the MCF made anew.",
        },
    .mcf = &check,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
