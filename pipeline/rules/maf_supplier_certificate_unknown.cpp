#include "codecs/files/maf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const MafCheck& c, CheckReport& report) {
  for (const codecs::GroupInstance& g : c.record.group(codecs::maf::supplier_certificate)) {
    if (!g[codecs::maf::serial].good()) continue;
    const CertificateSerial serial = codecs::as_serial(g[codecs::maf::serial]);
    const auto* entry = c.certificates.find(codecs::crypto::PartyRole::supplier, serial);
    if (entry == nullptr || entry->eui != c.sender)
      report.add("supplier-certificate.serial", serial.decimal());
  }
}

bool spoil(InstallationDraft& d, DraftWorld& world) {
  for (unsigned m = 0; m < 2; ++m)
    if (d.meters[m].present && d.meters[m].supplier_certificates.empty()) return false;
  for (unsigned m = 0; m < 2; ++m) {
    if (!d.meters[m].present) continue;
    const CertificateSerial unknown(world.random.next() >> 1, world.random.next());
    d.meters[m].supplier_certificates.back() = unknown;
    d.expect(maf_supplier_certificate_unknown.rule, ExpectedIn::maf, "supplier-certificate.serial",
             unknown.decimal(), m);
  }
  d.settle(Outcome::not_authorised, WeekStage::maf, &maf_supplier_certificate_unknown.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry maf_supplier_certificate_unknown{
    .rule =
        {
            .id = "maf.supplier-certificate-unknown",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 5.3(a)",
            .title = "A SupplierCertificateID is not one of the sender's",
            .meaning =
                "The serial number is not that of a certificate of the supplier that sent the MAF.",
            .cause = "A certificate was replaced, or a digit is wrong.",
            .remedy = "Look up the supplier's certificates in the repository and give their serial "
                      "numbers.",
        },
    .maf = &check,
    .needs = Needs::batch,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
