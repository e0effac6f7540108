#pragma once
// Values that are due at a time, in the order of their times; those of the same time in the order
// in which they came. One thread.

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/clock.h"

namespace s1flow::loadgen::stub {

template <typename Value>
class TimerQueue {
 public:
  void add(Nanoseconds due, Value value) {
    heap_.push_back({due, next_++, std::move(value)});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  // Never, when there is none.
  [[nodiscard]] Nanoseconds next() const {
    return heap_.empty() ? Nanoseconds::max() : heap_.front().due;
  }
  // Takes the first one; only when next() says that there is one.
  [[nodiscard]] Value take() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    Value value = std::move(heap_.back().value);
    heap_.pop_back();
    return value;
  }
  [[nodiscard]] std::size_t size() const { return heap_.size(); }
  void clear() { heap_.clear(); }

 private:
  struct Item {
    Nanoseconds due;
    std::uint64_t order;
    Value value;
  };
  static bool later(const Item& a, const Item& b) {
    return std::pair(a.due, a.order) > std::pair(b.due, b.order);
  }
  std::vector<Item> heap_;
  std::uint64_t next_ = 0;
};

}  // namespace s1flow::loadgen::stub
