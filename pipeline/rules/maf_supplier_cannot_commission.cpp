#include "pipeline/generate/fault.h"
#include "pipeline/rules/list.h"

namespace s1flow::pipeline::rules {
namespace {

void check(const AuthorisationCheck& c, CheckReport& report) {
  const auto& meters = c.installation.meters;
  bool eligible = true;
  const MeterRow* first = nullptr;
  for (const MeterRow& m : meters) {
    if (!m.present()) continue;
    if (!m.authorised) return;  // another rule speaks of that
    eligible = eligible && m.active && m.supplier_commissions;
    if (first == nullptr)
      first = &m;
    else
      eligible = eligible && first->inventory_supplier == m.inventory_supplier;
  }
  for (unsigned m = 0; m < meters.size(); ++m)
    if (meters[m].present() && meters[m].supplier_commissions && !eligible) {
      report.add("supplier-commissions", "true", {}, m);
      return;  // one finding per installation, on the first row that is marked
    }
}

bool spoil(InstallationDraft& d, DraftWorld&) {
  const bool one_supplier = !d.dual_fuel() || d.meters[0].supplier == d.meters[1].supplier;
  bool dormant = false;
  for (const MeterDraft& m : d.meters) dormant = dormant || (m.present && !m.active);
  if (one_supplier && !dormant) return false;
  for (MeterDraft& m : d.meters) m.supplier_commissions = m.present;
  d.expect(maf_supplier_cannot_commission.rule, ExpectedIn::maf, "supplier-commissions", "true",
           d.first_meter());
  d.settle(Outcome::not_authorised, WeekStage::maf, &maf_supplier_cannot_commission.rule);
  return true;
}

constexpr Fault kFault{.spoil = &spoil};

}  // namespace

constinit const RuleEntry maf_supplier_cannot_commission{
    .rule =
        {
            .id = "maf.supplier-cannot-commission",
            .scope = RuleScope::record,
            .severity = Severity::error,
            .clause = "MTAD 5.2(b)",
            .title = "The supplier cannot commission this installation",
            .meaning = "A supplier sends the commissioning Service Requests itself only for "
                       "installations whose meters are "
                       "all Active, all its own, and all marked so.",
            .cause = "One meter is dormant, belongs to another supplier, or is marked differently.",
            .remedy = "Clear the mark, so that the DCC commissions.",
        },
    .authorisation = &check,
    .fault = &kFault,
};

}  // namespace s1flow::pipeline::rules
