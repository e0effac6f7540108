#include "codecs/files/maf.h"
#include "codecs/files/mcf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check_maf(const MafCheck& c, CheckReport& report) {
  const Mpxn mpxn = codecs::as_mpxn(c.record[codecs::maf::mpxn]);
  if (!mpxn.empty() && !mpxn.check_digits_hold()) report.add("mpxn", mpxn.text());
}

void check_mcf(const McfCheck& c, CheckReport& report) {
  for (const codecs::GroupInstance& g : c.record.group(codecs::mcf::meter_point)) {
    const Mpxn mpxn = codecs::as_mpxn(g[codecs::mcf::mpxn]);
    if (!mpxn.empty() && !mpxn.check_digits_hold()) report.add("meter-point.mpxn", mpxn.text());
  }
}

bool spoil(InstallationDraft& d, DraftWorld&) {
  const unsigned m = d.first_meter();
  std::string text = d.meters[m].mpxn.text();
  text.back() = text.back() == '9' ? '0' : static_cast<char>(text.back() + 1);
  d.meters[m].mpxn = d.meters[m].maf_mpxn = *Mpxn::parse(text);
  d.expect(mpxn_check_digit.rule, ExpectedIn::maf, "mpxn", text, m);
  d.expect(mpxn_check_digit.rule, ExpectedIn::mcf, "meter-point.mpxn", text);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry mpxn_check_digit{
    .rule =
        {
            .id = "mpxn.check-digit",
            .scope = RuleScope::record,
            .severity = Severity::warning,
            .title = "The check digits of an MPxN do not hold",
            .meaning = "The last digit of an MPAN, or the last two of an MPRN, follow from the "
                       "others; here they do not. "
                       "Published sample messages carry such numbers, so this is a warning unless "
                       "the batch says otherwise.",
            .cause = "A typing error, or a made-up number.",
            .remedy = "Check the number against the registration data.",
        },
    .maf = &check_maf,
    .mcf = &check_mcf,
    .needs = Needs::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
