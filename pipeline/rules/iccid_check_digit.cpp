#include "codecs/files/mgf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const GroupFileCheck& c, CheckReport& report) {
  const codecs::Value& v = c.record[codecs::mgf::iccid];
  if (!v.good()) return;
  const auto iccid = Iccid::parse(v.text);
  if (iccid && !iccid->check_digit_holds()) report.add("iccid", v.text);
}

bool spoil(InstallationDraft& d, DraftWorld&) {
  d.iccid.back() = d.iccid.back() == '9' ? '0' : static_cast<char>(d.iccid.back() + 1);
  d.expect(iccid_check_digit.rule, ExpectedIn::mgf, "iccid", d.iccid);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry iccid_check_digit{
    .rule =
        {
            .id = "iccid.check-digit",
            .scope = RuleScope::record,
            .severity = Severity::warning,
            .title = "The check digit of an ICCID does not hold",
            .meaning = "The last digit of an ICCID follows from the others (Luhn); here it does "
                       "not. Some operators leave "
                       "the check digit out, so this is a warning unless the batch says otherwise.",
            .cause = "A typing error, or a number without its check digit.",
            .remedy = "Check the number on the SIM.",
        },
    .mgf = &check,
    .needs = Needs::file,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
