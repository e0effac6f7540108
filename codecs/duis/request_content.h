#pragma once
// The compiled form of a RequestTemplate; for request_template.cpp and prepared_request.cpp only.

#include <string>
#include <vector>

#include "codecs/duis/request.h"

namespace s1flow::codecs::duis {

enum class Slot : std::uint8_t { request_id, device, execution, from, until };

struct RequestTemplate::Content {
  struct Piece {
    std::string before;  // constant text in front of the slot
    Slot slot{};
  };
  const ServiceReferenceVariant* srv = nullptr;
  unsigned command_variant = 0;
  std::vector<Piece> pieces;
  std::string after;  // from the last slot to before the root's end tag
};

inline constexpr std::string_view kRequestClose = "</sr:Request>";

}  // namespace s1flow::codecs::duis
