#include "codecs/files/mcf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const McfCheck& c, CheckReport& report) {
  const codecs::Value& id = c.record[codecs::mcf::installation_id];
  if (!id.good()) return;
  if (c.installation == nullptr || !c.installation->authorised || c.installation->day != c.day) {
    report.add("installation-id", id.text);
    return;
  }
  for (const codecs::GroupInstance& g : c.record.group(codecs::mcf::meter_point)) {
    const auto role = codecs::as_code<codecs::MeterPointRole>(g[codecs::mcf::role]);
    if ((role && *role != codecs::MeterPointRole::import_) || !g[codecs::mcf::mpxn].good())
      continue;
    const std::uint64_t mpxn = g[codecs::mcf::mpxn].lo;
    if (mpxn != c.installation->meters[0].mpxn && mpxn != c.installation->meters[1].mpxn)
      report.add("meter-point.mpxn", Mpxn::unpack(mpxn).text());
  }
}

constexpr Fault kFault{.files = "mcf record"};

}  // namespace

constinit const RuleEntry mcf_not_authorised{
    .rule =
        {
            .id = "mcf.not-authorised",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 5.3(a)(b)",
            .title = "The installation is not authorised for this day",
            .meaning = "No MAF authorises the installation for the MCF's day, or its meter points "
                       "are not those that were "
                       "authorised.",
            .cause = "The Requesting Party used an old list.",
            .remedy = "Leave the installation out, or get it authorised.",
        },
    .mcf = &check,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
