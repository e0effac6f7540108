#pragma once
// What a scenario says of its Service Requests. Values only.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "codecs/duis/message_id.h"
#include "core/calendar.h"
#include "core/device.h"
#include "core/file.h"
#include "core/srv_table.h"

namespace s1flow::loadgen {

// When the signature of a request is made.
enum class Signing : std::uint8_t {
  ahead,    // by threads of their own, before the request is due
  in_line,  // by the thread that sends, when the request is due
  corpus    // all of them before the run starts
};
inline constexpr std::string_view kSigningNames[] = {"ahead", "inline", "corpus"};
[[nodiscard]] constexpr std::string_view name_of(Signing signing) {
  return kSigningNames[static_cast<std::size_t>(signing)];
}

// One part of the mix.
struct RequestKind {
  const ServiceReferenceVariant* srv = nullptr;
  std::string name;  // of its class
  double weight = 1;
  unsigned command_variant = 0;  // 0: the one that a User sends first
  bool future_dated = false;
  Path form;                         // a template in place of the shipped one
  std::vector<DeviceType> devices;   // empty: those that take the variant
  std::optional<UtcTime> execution;  // nothing: a day after the batch's clock
};

// A request of which all but the counter is given: a step of a recorded commissioning.
struct GivenRequest {
  std::uint16_t kind = 0;  // place in DuisSettings::kinds
  Eui64 originator;
  Eui64 target;
  Eui64 device;
};

struct DuisSettings {
  Path batch;
  Signing signing = Signing::ahead;
  std::uint64_t sign_threads = 1;
  std::uint64_t ahead = 2048;              // requests a sending thread has signed at most
  std::uint64_t corpus_bytes = 1UL << 31;  // more is refused
  Path corpus;                             // a file of --presign in place of signing; or none
  std::uint64_t first_counter = 1;
  std::vector<Eui64> users;  // empty: all of the batch
  std::vector<RequestKind> kinds;
  // Not empty: these in this order, over and over, in place of the mix by weight.
  std::vector<GivenRequest> given;
  std::string service_base = "/api/v1";  // serviceT, serviceS and serviceD are below it
};

}  // namespace s1flow::loadgen
