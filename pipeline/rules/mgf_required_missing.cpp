#include "codecs/files/mgf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"
#include "pipeline/rules/required_set.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const GroupFileCheck& c, CheckReport& report) {
  for_each_required(c, [&](const codecs::RequiredItem& item) {
    if (item.field != codecs::npos) {
      if (!c.record[item.field].present())
        report.add(c.layout.type->record.fields[item.field].name);
      return;
    }
    for (const codecs::GroupInstance& g : c.record.group(codecs::mgf::credential))
      if (g[codecs::mgf::kind].text == item.kind) return;
    report.add("credential.kind", item.kind);
  });
}

bool spoil(InstallationDraft& d, DraftWorld&) {
  if (d.imsi.empty()) return false;
  d.imsi.clear();
  d.expect(mgf_required_missing.rule, ExpectedIn::mgf, "imsi");
  d.settle(Outcome::rejected, WeekStage::mgf, &mgf_required_missing.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry mgf_required_missing{
    .rule =
        {
            .id = "mgf.required-missing",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 5.3(d)",
            .title = "The required file set lacks an item",
            .meaning = "The GroupID decides which SIM Information and credentials an installation "
                       "has to bring in the MGF.",
            .cause = "The value was never recorded, or belongs to another GroupID.",
            .remedy = "Complete the inventory.",
        },
    .mgf = &check,
    .needs = Needs::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
