#pragma once
// COF, Commissioning Outcome File: per Device, the outcome of every commissioning step with its
// Service Request, response and alerts (MTAD 5.6(a)(ii), Table 5.2).

#include "codecs/file_type.h"
#include "codecs/files/exchange.h"

namespace s1flow::codecs::cof {

enum Field : std::size_t { installation_id, result, kFields };
enum Group : std::size_t { device, step, alert, kGroups };
enum Device : std::size_t { device_id, device_type, device_result };
enum Step : std::size_t { srv, request_id, response_code, step_result, attempts, kStepFields };
enum Alert : std::size_t { alert_code, alert_time };
// `awaiting_supplier`: all that is the Commissioning Party's to do is done; the supplier sends the
// rest (MTAD 5.2(b)).
enum class Result : std::uint8_t { commissioned, partial, failed, awaiting_supplier };
enum class StepResult : std::uint8_t { done, failed, not_run, by_supplier };

extern const FileType kType;

}  // namespace s1flow::codecs::cof
