#pragma once
// Values at places that are used again, so that a timer can name one by a small number. One thread.

#include <cstdint>
#include <utility>
#include <vector>

namespace s1flow::loadgen::stub {

template <typename Value>
class Slab {
 public:
  [[nodiscard]] std::uint32_t put(Value value) {
    if (free_.empty()) {
      values_.push_back(std::move(value));
      return static_cast<std::uint32_t>(values_.size() - 1);
    }
    const std::uint32_t place = free_.back();
    free_.pop_back();
    values_[place] = std::move(value);
    return place;
  }
  [[nodiscard]] Value take(std::uint32_t place) {
    free_.push_back(place);
    return std::move(values_[place]);
  }
  [[nodiscard]] std::size_t size() const { return values_.size() - free_.size(); }

 private:
  std::vector<Value> values_;
  std::vector<std::uint32_t> free_;
};

}  // namespace s1flow::loadgen::stub
