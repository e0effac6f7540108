#include "pipeline/week/parties.h"

namespace s1flow::pipeline {

PartyIndex PartyList::add(Eui64 party) {
  const auto it = index_.find(party.value());
  if (it != index_.end()) return it->second;
  if (parties_.size() == 0xFFFE) return 0xFFFD;
  const auto i = static_cast<PartyIndex>(parties_.size());
  parties_.push_back(party);
  index_.emplace(party.value(), i);
  return i;
}

PartyIndex PartyList::find(Eui64 party) const {
  const auto it = index_.find(party.value());
  return it == index_.end() ? PartyIndex{0xFFFF} : it->second;
}

}  // namespace s1flow::pipeline
