#include "codecs/files/maf.h"
#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const MafCheck& c, CheckReport& report) {
  if (c.meter != nullptr && c.meter->active &&
      c.record.group(codecs::maf::supplier_certificate).empty())
    report.add("supplier-certificate.serial");
}

bool spoil(InstallationDraft& d, DraftWorld&) {
  for (unsigned m = 0; m < 2; ++m)
    if (d.meters[m].present && !d.meters[m].active) return false;
  for (unsigned m = 0; m < 2; ++m) {
    if (!d.meters[m].present) continue;
    d.meters[m].supplier_certificates.clear();
    d.expect(maf_supplier_certificates_missing.rule, ExpectedIn::maf, "supplier-certificate.serial",
             {}, m);
  }
  d.settle(Outcome::not_authorised, WeekStage::maf, &maf_supplier_certificates_missing.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry maf_supplier_certificates_missing{
    .rule =
        {
            .id = "maf.supplier-certificates-missing",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 17.20(g)",
            .title = "SupplierCertificateIDs are missing for an Active Meter",
            .meaning = "An Active Meter gets its supplier's certificates during the migration, so "
                       "the MAF has to name them.",
            .cause = "The column was left empty, or the meter is held to be dormant.",
            .remedy = "Name the supplier's certificates by their serial numbers.",
        },
    .maf = &check,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
