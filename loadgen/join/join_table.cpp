#include "loadgen/join/join_table.h"

#include <algorithm>
#include <bit>

#include "core/check.h"
#include "core/random.h"

namespace s1flow::loadgen {

JoinTable::JoinTable(std::size_t places)
    : entries_(places), buckets_(std::bit_ceil(std::max<std::size_t>(places, 1)) * 2) {
  S1FLOW_CHECK(places > 0 && places < kNone);
}

std::size_t JoinTable::bucket_of(const JoinKey& key) const {
  // Counters differ most and alone would do; the others keep several originators apart.
  const std::uint64_t hash = mix64(key.counter ^ mix64(key.originator ^ mix64(key.target)));
  return hash & (buckets_.size() - 1);
}

JoinTable::Index JoinTable::look_up(const JoinKey& key) const {
  for (Index i = buckets_[bucket_of(key)] - 1; i != kNone; i = entries_[i].chain)
    if (entries_[i].request.key == key) return i;
  return kNone;
}

void JoinTable::append(List& list, Index index) {
  Entry& entry = entries_[index];
  entry.before = list.last;
  entry.after = kNone;
  (list.last == kNone ? list.first : entries_[list.last].after) = index;
  list.last = index;
  ++list.size;
}

void JoinTable::remove(List& list, Index index) {
  const Entry& entry = entries_[index];
  (entry.before == kNone ? list.first : entries_[entry.before].after) = entry.after;
  (entry.after == kNone ? list.last : entries_[entry.after].before) = entry.before;
  --list.size;
}

void JoinTable::forget(Index index) {
  Index& bucket = buckets_[bucket_of(entries_[index].request.key)];
  if (bucket - 1 == index) {
    bucket = entries_[index].chain + 1;
    return;
  }
  Index before = bucket - 1;
  while (entries_[before].chain != index) before = entries_[before].chain;
  entries_[before].chain = entries_[index].chain;
}

bool JoinTable::insert(const OutstandingRequest& request) {
  if (look_up(request.key) != kNone) return false;
  Index place = kNone;
  if (unused_ < entries_.size()) {
    place = unused_++;
  } else if (ended_.size > 0) {
    place = ended_.first;
    remove(ended_, place);
    forget(place);
  } else {
    return false;
  }
  Index& bucket = buckets_[bucket_of(request.key)];
  entries_[place] = {.request = request, .chain = bucket - 1, .state = State::outstanding};
  bucket = place + 1;
  append(outstanding_, place);
  return true;
}

JoinTable::Found JoinTable::arrive(const JoinKey& key) {
  const Index index = look_up(key);
  if (index == kNone) return {};
  Entry& entry = entries_[index];
  if (entry.state == State::given_up) return {Arrival::late, nullptr};
  if (entry.state == State::answered || entry.request.answer_seen)
    return {Arrival::duplicate, nullptr};
  return {Arrival::first, &entry.request};
}

OutstandingRequest* JoinTable::find(const JoinKey& key) {
  const Index index = look_up(key);
  if (index == kNone || entries_[index].state != State::outstanding) return nullptr;
  return &entries_[index].request;
}

void JoinTable::finish(const JoinKey& key, bool answered) {
  const Index index = look_up(key);
  S1FLOW_CHECK(index != kNone && entries_[index].state == State::outstanding);
  remove(outstanding_, index);
  append(ended_, index);
  entries_[index].state = answered ? State::answered : State::given_up;
}

const OutstandingRequest* JoinTable::oldest() const {
  return outstanding_.first == kNone ? nullptr : &entries_[outstanding_.first].request;
}

}  // namespace s1flow::loadgen
