#include "codecs/files/maf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const MafCheck& c, CheckReport& report) {
  if (c.meter == nullptr || c.meter->network_operator == kNone16 ||
      !c.record[codecs::maf::operator_certificate].good())
    return;
  const CertificateSerial serial = codecs::as_serial(c.record[codecs::maf::operator_certificate]);
  const auto* entry = c.certificates.find(codecs::crypto::PartyRole::network_operator, serial);
  if (entry == nullptr || entry->eui != c.parties[c.meter->network_operator])
    report.add("operator-certificate", serial.decimal());
}

bool spoil(InstallationDraft& d, DraftWorld& world) {
  for (unsigned m = 0; m < 2; ++m) {
    if (!d.meters[m].present) continue;
    const Eui64 other = world.other_operator(d.meters[m].network_operator);
    if (other == d.meters[m].network_operator) return false;
    d.meters[m].operator_certificate = world.certificates[other].front();
    d.expect(maf_operator_certificate_wrong.rule, ExpectedIn::maf, "operator-certificate",
             d.meters[m].operator_certificate.decimal(), m);
  }
  d.settle(Outcome::not_authorised, WeekStage::maf, &maf_operator_certificate_wrong.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry maf_operator_certificate_wrong{
    .rule =
        {
            .id = "maf.operator-certificate-wrong",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 17.20(h)",
            .title = "The NetworkOperatorCertificateID is not right",
            .meaning = "The serial number is not that of a certificate of the network operator "
                       "that the registration data "
                       "has for the MPxN.",
            .cause = "The certificate was replaced, or belongs to the operator of another area.",
            .remedy =
                "Look up the operator's certificate in the repository and give its serial number.",
        },
    .maf = &check,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
