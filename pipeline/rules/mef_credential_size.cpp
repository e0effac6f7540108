#include "codecs/files/mef.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"
#include "pipeline/rules/required_set.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const GroupFileCheck& c, CheckReport& report) {
  for_each_required(c, [&](const codecs::RequiredItem& item) {
    if (item.octets == 0) return;
    for (const codecs::GroupInstance& g : c.record.group(codecs::mef::credential))
      if (g[codecs::mef::kind].text == item.kind && g[codecs::mef::value].good() &&
          g[codecs::mef::value].text.size() != item.octets)
        report.add("credential.value", item.kind);
  });
}

bool spoil(InstallationDraft& d, DraftWorld&) {
  for (CredentialDraft& c : d.credentials) {
    if (c.kind != "chf-master-key") continue;
    c.octets.pop_back();
    d.expect(mef_credential_size.rule, ExpectedIn::mef, "credential.value", c.kind);
    d.settle(Outcome::rejected, WeekStage::mef, &mef_credential_size.rule);
    return true;
  }
  return false;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry mef_credential_size{
    .rule =
        {
            .id = "mef.credential-size",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 5.3(e)",
            .title = "A credential has the wrong size",
            .meaning = "The required file set says how many octets a credential has.",
            .cause = "The value was cut, or has another encoding.",
            .remedy = "Correct the credential in the inventory.",
        },
    .mef = &check,
    .needs = Needs::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
