#include "codecs/files/mgf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"
#include "pipeline/rules/required_set.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const GroupFileCheck& c, CheckReport& report) {
  for_each_required(c, [&](const codecs::RequiredItem& item) {
    if (item.octets == 0 || item.kind.empty()) return;
    for (const codecs::GroupInstance& g : c.record.group(codecs::mgf::credential))
      if (g[codecs::mgf::kind].text == item.kind && g[codecs::mgf::value].good() &&
          g[codecs::mgf::value].text.size() != item.octets)
        report.add("credential.value", item.kind);
  });
}

bool spoil(InstallationDraft& d, DraftWorld&) {
  for (CredentialDraft& c : d.credentials) {
    if (c.share != codecs::inventory::CredentialShare::plain) continue;
    c.octets.pop_back();
    d.expect(mgf_credential_size.rule, ExpectedIn::mgf, "credential.value", c.kind);
    d.settle(Outcome::rejected, WeekStage::mgf, &mgf_credential_size.rule);
    return true;
  }
  return false;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry mgf_credential_size{
    .rule =
        {
            .id = "mgf.credential-size",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 5.3(d)",
            .title = "A credential has the wrong size",
            .meaning = "The required file set says how many octets a credential has.",
            .cause = "The value was cut, or has another encoding.",
            .remedy = "Correct the credential in the inventory.",
        },
    .mgf = &check,
    .needs = Needs::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
