#pragma once
// Keys of JSON objects. All functions are pure and thread-safe.

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

namespace s1flow::codecs {

// Keys of one length mostly differ in their first byte.
[[nodiscard]] inline bool same_key(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         (a.empty() || (a.front() == b.front() && std::memcmp(a.data(), b.data(), a.size()) == 0));
}

// One that stands twice, or null. The order of many is changed.
[[nodiscard]] inline const std::string_view* find_twice(std::span<std::string_view> keys) {
  constexpr std::size_t kFew = 16;
  if (keys.size() > kFew) {
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    return twice == keys.end() ? nullptr : &*twice;
  }
  for (std::size_t i = 1; i < keys.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (same_key(keys[i], keys[k])) return &keys[i];
  return nullptr;
}

// Which of `count` names a key is: most often the one at `next`, then one behind it, then one
// before. `count` when it is none. `is(i)` tells whether it is the i-th.
template <typename Is>
[[nodiscard]] std::size_t find_key(std::size_t next, std::size_t count, const Is& is) {
  for (std::size_t i = next; i < count; ++i)
    if (is(i)) return i;
  for (std::size_t i = 0; i < next; ++i)
    if (is(i)) return i;
  return count;
}

}  // namespace s1flow::codecs
