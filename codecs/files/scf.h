#pragma once
// SCF, S1SP Commissioning File: per Device, the outcome of the S1SP's checks before commissioning
// (MTAD 5.6(a)(i), 5.5).

#include "codecs/file_type.h"
#include "codecs/files/exchange.h"

namespace s1flow::codecs::scf {

enum Field : std::size_t { installation_id, result, kFields };
enum Group : std::size_t { device, step, kGroups };
enum Device : std::size_t { device_id, device_type, device_result };
enum Step : std::size_t { procedure, name, step_result, code, attempts, kStepFields };
// `partial`: the electricity side passed and the gas side did not.
enum class Result : std::uint8_t { passed, failed, partial };
enum class StepResult : std::uint8_t { passed, failed, not_run };

extern const FileType kType;

}  // namespace s1flow::codecs::scf
