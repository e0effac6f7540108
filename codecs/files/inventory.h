#pragma once
// The SMSO's inventory: the SMETS1 Installations that it looks after, with their Devices, SIM and
// credentials. The source from which the Requesting Party makes MCF, MGF and MEF.

#include "codecs/file_type.h"

namespace s1flow::codecs::inventory {

enum Field : std::size_t {
  installation_id,
  smso,
  group_id,
  csp,
  wan,
  failed_attempts,
  firmware_readiness,
  configuration_readiness,
  iccid,
  imsi,
  msisdn,
  apn,
  ip_address,
  kFields,
};
enum Group : std::size_t { device, meter_point, credential, kGroups };
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
  install_code,
  join_time,
  kDeviceFields,
};
enum MeterPoint : std::size_t { role, mpxn };
enum Credential : std::size_t { share, kind, credential_device, value };
// Dormant readiness (MTAD 6.4): what has to be done to the Devices before they can migrate.
enum class Readiness : std::uint8_t { not_needed, needed, done };
// Where a credential goes: the MGF, or one share of the MEF.
enum class CredentialShare : std::uint8_t { plain, s1sp, dco };

extern const FileType kType;

}  // namespace s1flow::codecs::inventory
