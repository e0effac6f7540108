#pragma once
// MAF, Migration Authorisation File: per MPxN, the week and day on which the Responsible Supplier
// lets the meter migrate, and the certificates that the Devices get (MTAD 5.3(a), 17.20). Who sends
// it stands in the file's name.

#include "codecs/file_type.h"

namespace s1flow::codecs::maf {

enum Header : std::size_t { smso, sender, created, kHeaderFields };
enum Field : std::size_t {
  mpxn,
  migration_week,
  migrate_on,
  operator_certificate,
  supplier_commissions,
  kFields,
};
enum Group : std::size_t { supplier_certificate, kGroups };
enum SupplierCertificate : std::size_t { serial };

extern const FileType kType;

}  // namespace s1flow::codecs::maf
