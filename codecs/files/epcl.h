#pragma once
// EPCL, the list of SMETS1 Eligible Product Combinations: which Device models, communications
// provider and kinds of meter may migrate together (MTAD 4.4).

#include "codecs/file_type.h"

namespace s1flow::codecs::epcl {

enum Field : std::size_t {
  entry,
  smso,
  csp,
  applies_to,
  chf_manufacturer,
  chf_model,
  chf_firmware,
  esme_manufacturer,
  esme_model,
  esme_firmware,
  gsme_manufacturer,
  gsme_model,
  gsme_firmware,
  added,
  kFields,
};
enum class AppliesTo : std::uint8_t { active, dormant, either };

extern const FileType kType;

}  // namespace s1flow::codecs::epcl
