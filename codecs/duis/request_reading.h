#pragma once
// What a Service Request says, read in one pass over canonical bytes; for request_judge.cpp.

#include "codecs/duis/request_judge.h"
#include "codecs/duis/signed_message.h"

namespace s1flow::codecs::duis {

struct RequestReading {
  RequestFault fault = RequestFault::none;
  std::string_view why;  // lives as long as the program
  bool canonical = false;
  bool has_signature = false;
  SignaturePlace place;
};

// Fills header and body of `verdict`. With TagSource::any a fault may also mean that the bytes are
// not plain enough; then read again what the normaliser makes of them.
[[nodiscard]] RequestReading read_request(std::string_view bytes, TagSource source,
                                          RequestVerdict& verdict);

}  // namespace s1flow::codecs::duis
