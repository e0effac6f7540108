#pragma once
// The one list of rules, in the order of the week. A new rule is a file <name>.cpp that defines
// `const RuleEntry <name>`, and one line here. The order decides which rule is the reason of an
// outcome when several spoil one installation at the same stage.

#include "pipeline/rules/rule_entry.h"

// clang-format off
#define S1FLOW_RULES(X) \
  X(maf_mpxn_not_registered) \
  X(maf_week_not_monday) \
  X(maf_week_started) \
  X(maf_migrate_on_outside_week) \
  X(maf_migrate_on_past) \
  X(maf_supplier_not_responsible) \
  X(maf_supplier_certificates_missing) \
  X(maf_operator_certificate_wrong) \
  X(maf_not_in_registration) \
  X(maf_registration_differs) \
  X(maf_epcl_no_match) \
  X(maf_epcl_wrong_status) \
  X(maf_other_week) \
  X(maf_supplier_certificate_unknown) \
  X(maf_duplicate_row) \
  X(maf_days_differ) \
  X(maf_supplier_cannot_commission) \
  X(maf_installation_incomplete) \
  X(mpxn_check_digit) \
  X(registration_duplicate) \
  X(inventory_duplicate_installation) \
  X(inventory_duplicate_mpxn) \
  X(inventory_combination) \
  X(inventory_group_unknown) \
  X(inventory_master_key_missing) \
  X(inventory_no_wan) \
  X(inventory_failed_attempts) \
  X(inventory_not_ready) \
  X(file_name) \
  X(file_missing) \
  X(file_signature_missing) \
  X(file_signature_shape) \
  X(file_signature_algorithm) \
  X(file_signer_unknown) \
  X(file_signer_not_trusted) \
  X(file_signer_expired) \
  X(file_signer_revoked) \
  X(file_signer_revocation_unknown) \
  X(file_signer_usage) \
  X(file_signer_role) \
  X(file_signer_party) \
  X(file_digest_mismatch) \
  X(file_signature_invalid) \
  X(file_recipient) \
  X(file_counter) \
  X(file_reference) \
  X(file_count) \
  X(file_week) \
  X(file_group) \
  X(file_arrival_order) \
  X(file_not_for_this_key) \
  X(file_not_encrypted) \
  X(record_duplicate) \
  X(record_unknown) \
  X(record_missing) \
  X(mcf_not_authorised) \
  X(mcf_chf_equals_gpf) \
  X(mcf_device_duplicate) \
  X(mcf_combination) \
  X(mcf_group_unknown) \
  X(mcf_supplier_differs) \
  X(mcf_operator_differs) \
  X(mcf_certificate_differs) \
  X(mcf_epcl_no_match) \
  X(mvf_disagrees) \
  X(mgf_required_missing) \
  X(mgf_credential_size) \
  X(iccid_check_digit) \
  X(mef_required_missing) \
  X(mef_credential_size) \
  X(mef_cannot_open) \
  X(scf_step_failed) \
  X(cof_step_failed)
// clang-format on

namespace s1flow::pipeline::rules {

#define S1FLOW_DECLARE_RULE(name) extern const RuleEntry name;
S1FLOW_RULES(S1FLOW_DECLARE_RULE)
#undef S1FLOW_DECLARE_RULE

}  // namespace s1flow::pipeline::rules
