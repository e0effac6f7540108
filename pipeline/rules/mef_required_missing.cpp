#include "codecs/files/mef.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"
#include "pipeline/rules/required_set.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const GroupFileCheck& c, CheckReport& report) {
  for_each_required(c, [&](const codecs::RequiredItem& item) {
    for (const codecs::GroupInstance& g : c.record.group(codecs::mef::credential)) {
      const auto share = codecs::as_code<codecs::mef::Share>(g[codecs::mef::share]);
      if (share && codecs::mef::kShares[static_cast<std::size_t>(*share)] == item.share &&
          g[codecs::mef::kind].text == item.kind)
        return;
    }
    report.add("credential.kind", item.kind);
  });
}

bool spoil(InstallationDraft& d, DraftWorld&) {
  const std::string kind = d.meters[0].present ? "esme-critical-key" : "gsme-critical-key";
  if (std::erase_if(d.credentials, [&](const CredentialDraft& c) { return c.kind == kind; }) == 0)
    return false;
  d.expect(mef_required_missing.rule, ExpectedIn::mef, "credential.kind", kind);
  d.settle(Outcome::rejected, WeekStage::mef, &mef_required_missing.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry mef_required_missing{
    .rule =
        {
            .id = "mef.required-missing",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 5.3(e)",
            .title = "The required file set lacks a credential",
            .meaning = "The GroupID decides which encrypted credentials an installation has to "
                       "bring, and for which "
                       "recipient.",
            .cause = "The credential was never recorded, or was put into the wrong share.",
            .remedy = "Complete the inventory.",
        },
    .mef = &check,
    .needs = Needs::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
