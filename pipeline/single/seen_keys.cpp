#include "pipeline/single/seen_keys.h"

#include <algorithm>
#include <utility>

#include "core/random.h"

namespace s1flow::pipeline {
namespace {

constexpr std::size_t kFirstSlots = 64;  // a power of two, as all sizes

bool is_full(std::uint64_t used, std::size_t slots) {
  return (used + 1) * 4 > slots * 3;
}

}  // namespace

std::size_t SeenNumbers::place(std::uint64_t number) const {
  return mix64(number ^ salt_) & (slots_.size() - 1);
}

void SeenNumbers::expect(std::uint64_t number) const {
  if (slots_.size() != 0) __builtin_prefetch(&slots_[place(number)], 1);
}

SeenNumbers::Answer SeenNumbers::insert(std::uint64_t number) {
  if (number == 0) return std::exchange(zero_, true) ? Answer::again : Answer::first;
  const bool has_room =
      !is_full(used_, slots_.size()) || grow(std::max(kFirstSlots, slots_.size() * 2));
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = place(number);
  while (slots_[at] != 0) {
    if (slots_[at] == number) return Answer::again;
    at = (at + 1) & mask;
  }
  if (!has_room) return Answer::full;
  slots_[at] = number;
  ++used_;
  return Answer::first;
}

void SeenNumbers::make_room(std::uint64_t numbers) {
  std::size_t size = std::max(kFirstSlots, slots_.size());
  // No further than it could grow.
  while (is_full(numbers, size) && size * 3 * sizeof slots_[0] <= most_bytes_) size *= 2;
  if (size > slots_.size()) (void)grow(size);
}

bool SeenNumbers::grow(std::size_t size) {
  if (slots_.size() != 0 && (size + slots_.size()) * sizeof slots_[0] > most_bytes_) return false;
  const ZeroedArray<std::uint64_t> old =
      std::exchange(slots_, ZeroedArray<std::uint64_t>(size, Pages::at_once));
  const std::size_t mask = slots_.size() - 1;
  for (const std::uint64_t number : old) {
    if (number == 0) continue;
    std::size_t at = place(number);
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = number;
  }
  return true;
}

}  // namespace s1flow::pipeline
