// DuplicateGuard of codecs/duis/request_judge.h.

#include <algorithm>
#include <array>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "codecs/duis/request_judge.h"
#include "core/random.h"

namespace s1flow::codecs::duis {
namespace {

constexpr std::uint64_t kWindow = 65536;
constexpr std::size_t kShards = 16;

// Counters of one originator in one leg.
class Seen {
 public:
  bool admit(std::uint64_t counter, DuplicateGuard::Order order) {
    if (order == DuplicateGuard::Order::rising) {
      if (any_ && counter <= most_) return false;
      any_ = true;
      most_ = counter;
      return true;
    }
    if (bits_.empty()) bits_.resize(kWindow / 64);
    if (!any_ || counter > most_) {
      advance(counter);
      return true;
    }
    if (most_ - counter >= kWindow) return false;
    std::uint64_t& word = bits_[counter % kWindow / 64];
    const std::uint64_t bit = 1ULL << (counter % 64);
    if ((word & bit) != 0) return false;
    word |= bit;
    return true;
  }

 private:
  // The counters between were not seen.
  void advance(std::uint64_t counter) {
    if (!any_ || counter - most_ >= kWindow)
      std::fill(bits_.begin(), bits_.end(), 0);
    else
      for (std::uint64_t c = most_ + 1; c != counter; ++c)
        bits_[c % kWindow / 64] &= ~(1ULL << (c % 64));
    bits_[counter % kWindow / 64] |= 1ULL << (counter % 64);
    any_ = true;
    most_ = counter;
  }

  std::vector<std::uint64_t> bits_;  // by counter modulo the window
  std::uint64_t most_ = 0;
  bool any_ = false;
};

struct Shard {
  std::mutex mutex;
  std::array<std::unordered_map<std::uint64_t, Seen>, 2> legs;  // by originator
};

}  // namespace

struct DuplicateGuard::Content {
  Order order;
  std::array<Shard, kShards> shards;
};

DuplicateGuard::DuplicateGuard(Order order) : content_(std::make_unique<Content>()) {
  content_->order = order;
}
DuplicateGuard::~DuplicateGuard() = default;

bool DuplicateGuard::admit(const MessageId& id, bool signed_pre_command) {
  const std::uint64_t originator = id.originator.value();
  Shard& shard = content_->shards[mix64(originator) % kShards];
  const std::lock_guard lock(shard.mutex);
  return shard.legs[signed_pre_command ? 1 : 0][originator].admit(id.counter, content_->order);
}

}  // namespace s1flow::codecs::duis
