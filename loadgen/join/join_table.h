#pragma once
// Requests whose answers are still to come, by (originator, target, counter). Memory is bounded
// when the table is made: 88 bytes for each place and 8 for its hash, taken as they are first used.
// Requests that have ended are
// remembered until their place is needed, so that a second answer is a duplicate and one after the
// time-out is late, and neither is unknown. One thread.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/clock.h"
#include "core/zeroed_array.h"
#include "loadgen/request_source.h"

namespace s1flow::loadgen {

struct OutstandingRequest {
  JoinKey key;
  Nanoseconds due{0};
  Nanoseconds sent{0};
  Nanoseconds answered{0};  // when `answer_seen`
  std::uint32_t phase = 0;
  std::uint16_t class_index = 0;
  bool second = false;  // its second round trip has begun
  bool acknowledged = false;
  bool answer_seen = false;
  bool answer_good = false;
};

enum class Arrival : std::uint8_t { first, duplicate, late, unknown };

class JoinTable {
 public:
  explicit JoinTable(std::size_t places);

  [[nodiscard]] std::size_t outstanding() const { return outstanding_.size; }
  [[nodiscard]] bool full() const { return outstanding() == entries_.size(); }
  // False when all places hold outstanding requests, or the key is known already.
  [[nodiscard]] bool insert(const OutstandingRequest& request);
  // An answer has come: the request that waits for it, or why there is none. The pointer is valid
  // until the next insert.
  struct Found {
    Arrival arrival = Arrival::unknown;
    OutstandingRequest* request = nullptr;  // of first
  };
  [[nodiscard]] Found arrive(const JoinKey& key);
  // An outstanding request; null when it is none.
  [[nodiscard]] OutstandingRequest* find(const JoinKey& key);
  // The request has ended; `answered` says whether with an answer (further ones are duplicates) or
  // without (further ones are late).
  void finish(const JoinKey& key, bool answered);
  // The outstanding request that was inserted first; null when there is none.
  [[nodiscard]] const OutstandingRequest* oldest() const;

 private:
  using Index = std::uint32_t;
  static constexpr Index kNone = ~Index{0};  // wraps to the 0 of an empty bucket
  enum class State : std::uint8_t { free, outstanding, answered, given_up };
  struct Entry {
    OutstandingRequest request;
    Index chain = kNone;  // next with the same hash
    Index before = kNone, after = kNone;
    State state = State::free;
  };
  struct List {
    Index first = kNone, last = kNone;
    std::size_t size = 0;
  };
  [[nodiscard]] Index look_up(const JoinKey& key) const;
  [[nodiscard]] std::size_t bucket_of(const JoinKey& key) const;
  void append(List& list, Index index);
  void remove(List& list, Index index);
  void forget(Index index);

  ZeroedArray<Entry> entries_;  // begins to count where one is inserted
  ZeroedArray<Index> buckets_;  // one more than the first of the chain; 0: none
  List outstanding_;            // in the order of insertion
  List ended_;                  // in the order of their ends
  Index unused_ = 0;            // places from here on were never used
};

}  // namespace s1flow::loadgen
