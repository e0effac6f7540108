#include "codecs/files/mcf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const McfCheck& c, CheckReport& report) {
  Combination combination;
  combination.smso = c.smso.tag;
  combination.csp =
      c.record[codecs::mcf::csp].good() ? c.record[codecs::mcf::csp].text : std::string_view();
  bool models = false;
  for (const codecs::GroupInstance& g : c.record.group(codecs::mcf::device)) {
    const auto type = codecs::as_code<DeviceType>(g[codecs::mcf::type]);
    const DeviceModel model{g[codecs::mcf::manufacturer].text, g[codecs::mcf::model].text,
                            g[codecs::mcf::firmware].text};
    models = models || !model.model.empty();
    if (type == DeviceType::chf) combination.chf = model;
    if (type == DeviceType::esme) combination.esme = model;
    if (type == DeviceType::gsme) combination.gsme = model;
    const auto status = codecs::as_code<MeterStatus>(g[codecs::mcf::status]);
    combination.any_active = combination.any_active || status == MeterStatus::active;
    combination.any_dormant = combination.any_dormant || status == MeterStatus::dormant;
  }
  // A layout without models leaves nothing to compare.
  if (models && c.epcl.match(combination) != EpclMatch::match) report.add("device.model");
}

constexpr Fault kFault{.files = "mcf record"};

}  // namespace

constinit const RuleEntry mcf_epcl_no_match{
    .rule =
        {
            .id = "mcf.epcl-no-match",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 4.4",
            .title = "The Devices in the MCF match no entry of the EPCL",
            .meaning = "No Eligible Product Combination has the models, firmware and "
                       "communications provider that the MCF "
                       "gives.",
            .cause = "The inventory changed after the authorisation, or a faulty writer.",
            .remedy = "Have the MCF made anew from current data.",
        },
    .mcf = &check,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
