#pragma once
// Signed Service Requests as a RequestSource. What number k says follows from seed and k alone;
// when its signature is made is the settings' choice:
//
//   ahead    a pool of threads signs the next requests of each sending thread before they are due.
//            One that is due and not signed yet is signed by the sender, and counted
//   inline   the sending thread signs when the request is due
//   corpus   everything is signed before the run starts, and kept
//
// Thread-safe; writers belong to their threads and must not outlive the source.

#include <memory>

#include "loadgen/duis/request_maker.h"

namespace s1flow::loadgen {

// `schedule` is the plan of the run that the source is for; it must outlive the source. A usage
// error when a corpus would be larger than the settings allow.
[[nodiscard]] Result<std::unique_ptr<RequestSource>> make_duis_source(
    std::shared_ptr<const RequestPlan> requests, const Plan& schedule);

}  // namespace s1flow::loadgen
