#pragma once
// A script of outcomes: what Devices, the S1SP and the exchange do in a dry run, line by line,
// instead of or on top of the seeded model. A line names either an installation and a step that
// fails, or a file and a fault that it gets on its way (docs/formats/script.md).

#include "codecs/file_type.h"

namespace s1flow::codecs::script {

enum Field : std::size_t {
  installation,
  device,
  step,
  code,
  attempts,
  file,
  smso,
  day,
  group_id,
  fault,
  kFields
};

extern const FileType kType;

}  // namespace s1flow::codecs::script
