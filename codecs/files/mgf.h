#pragma once
// MGF, Migration Group File: SIM Information and the credentials that need no encryption, by the
// required file set of the GroupID (MTAD 5.3(d)).

#include "codecs/file_type.h"
#include "codecs/files/exchange.h"

namespace s1flow::codecs::mgf {

enum Field : std::size_t { installation_id, iccid, imsi, msisdn, apn, ip_address, kFields };
enum Group : std::size_t { credential, kGroups };
enum Credential : std::size_t { kind, device, value };

extern const FileType kType;

}  // namespace s1flow::codecs::mgf
