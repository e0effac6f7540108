#pragma once
// MCF, Migration Common File: the basic data from which the Commissioning Requests of each
// installation are made (MTAD 5.3(b)). Fields follow from the bodies of
// SRVs 12.2, 8.11, 8.1.1, 6.15.1, 6.21, 8.7.2 and 8.4 (DUIS 5.4).

#include "codecs/file_type.h"
#include "codecs/files/exchange.h"

namespace s1flow::codecs::mcf {

enum Field : std::size_t {
  installation_id,
  group_id,
  migrate_on,
  commissioned_by,
  csp,
  not_before,
  not_after,
  kFields
};
enum Group : std::size_t {
  device,
  meter_point,
  supplier_certificate,
  operator_certificate,
  credential,
  kGroups
};
enum Device : std::size_t {
  type,
  id,
  manufacturer,
  model,
  firmware,
  smets_version,
  esme_variant,
  status,
  supplier,
  network_operator,
  install_code,
  join_time,
  iccid,
  payment_mode,
  kDeviceFields,
};
enum MeterPoint : std::size_t { role, mpxn };
enum Certificate : std::size_t { use, serial };
enum Credential : std::size_t { credential_device_type, value };

extern const FileType kType;

}  // namespace s1flow::codecs::mcf
