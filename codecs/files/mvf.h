#pragma once
// MVF, Migration Common Validation File: the outcome of the MCF's validation, per installation
// (MTAD 5.3(c)).

#include "codecs/file_type.h"
#include "codecs/files/exchange.h"

namespace s1flow::codecs::mvf {

enum Field : std::size_t { installation_id, result, kFields };
enum Group : std::size_t { reason, kGroups };
enum Reason : std::size_t { rule, field };
enum class Result : std::uint8_t { accepted, rejected };

extern const FileType kType;

}  // namespace s1flow::codecs::mvf
