#pragma once
// MEF, Migration Group Encrypted File: the credentials that need encryption (MTAD 5.3(e)). Each
// sits in a share that only its recipient, the S1SP or the DCO, can read.

#include "codecs/file_type.h"
#include "codecs/files/exchange.h"

namespace s1flow::codecs::mef {

enum Field : std::size_t { installation_id, kFields };
enum Group : std::size_t { credential, kGroups };
enum Credential : std::size_t { share, kind, device, value };
enum class Share : std::uint8_t { s1sp, dco };
inline constexpr std::string_view kShares[] = {"s1sp", "dco"};

extern const FileType kType;

}  // namespace s1flow::codecs::mef
