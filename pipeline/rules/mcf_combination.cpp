#include "codecs/files/mcf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const McfCheck& c, CheckReport& report) {
  std::array<unsigned, kDeviceTypeNames.size()> count{};
  for (const codecs::GroupInstance& g : c.record.group(codecs::mcf::device))
    if (const auto type = codecs::as_code<DeviceType>(g[codecs::mcf::type]))
      ++count[static_cast<std::size_t>(*type)];
  const auto of = [&](DeviceType t) { return count[static_cast<std::size_t>(t)]; };
  const bool good = of(DeviceType::chf) == 1 && of(DeviceType::esme) + of(DeviceType::gsme) > 0 &&
                    of(DeviceType::esme) <= 1 && of(DeviceType::gsme) <= 1 &&
                    (of(DeviceType::gsme) == 0 || of(DeviceType::gpf) == 1);
  if (!good) report.add("device.type");
}

constexpr Fault kFault{.files = "mcf record"};

}  // namespace

constinit const RuleEntry mcf_combination{
    .rule =
        {
            .id = "mcf.combination",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .title = "The installation lacks a Device that it needs",
            .meaning = "An installation has one communications hub (CHF), at least one meter, at "
                       "most one meter of each "
                       "kind, and a gas proxy (GPF) when it has a gas meter.",
            .cause = "The Requesting Party left a Device out.",
            .remedy = "Have the MCF made anew.",
        },
    .mcf = &check,
    .needs = Needs::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
