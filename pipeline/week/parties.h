#pragma once
// PartyList: small numbers for the EUI-64s of suppliers and network operators, so that rows stay
// small. Built before the first pass from batch.toml; parties that only data names are added by
// in-order stages. Reading is thread-safe while nobody adds.

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/eui64.h"

namespace s1flow::pipeline {

using PartyIndex = std::uint16_t;

class PartyList {
 public:
  // The number of a party, new when it is not known. 65,534 parties at most; later ones share the
  // last number.
  PartyIndex add(Eui64 party);
  // 0xFFFF when unknown.
  [[nodiscard]] PartyIndex find(Eui64 party) const;
  [[nodiscard]] Eui64 operator[](PartyIndex i) const {
    return i < parties_.size() ? parties_[i] : Eui64();
  }
  [[nodiscard]] std::size_t size() const { return parties_.size(); }

 private:
  std::vector<Eui64> parties_;
  std::unordered_map<std::uint64_t, PartyIndex> index_;
};

}  // namespace s1flow::pipeline
