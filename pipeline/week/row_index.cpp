#include "pipeline/week/row_index.h"

#include <algorithm>
#include <array>
#include <utility>

namespace s1flow::pipeline {
namespace {

// Of slots in a file, so many are brought and left together: two megabytes.
constexpr std::size_t kWindow = std::size_t{2} * 1024 * 1024 / 8;
// Bits of the filter for each slot; there are fewer rows than slots.
constexpr std::size_t kFilterBits = 4;
// One in so many slots is as many as wait before they are put into the file: some for each page.
constexpr std::size_t kSlotsForLate = 128;

}  // namespace

void RowIndex::add(std::uint64_t hash, std::uint32_t row) {
  if ((size_ + 1) * 5 > slots_.size() * 4) S1FLOW_CHECK(make_room(1).has_value());
  const Slot slot{tag_of(hash), row + 1};
  ++size_;
  if (filter_.empty()) return slots_.put(slot);
  note(slot.tag);
  late_.put(slot);
  if (++late_count_ * 2 > late_.size()) settle_late();
}

Status RowIndex::make_room(std::size_t count) {
  while ((size_ + count) * 5 > slots_.size() * 4) S1FLOW_TRY_VOID(grow());
  return {};
}

Status RowIndex::grow() {
  const std::size_t size = std::max<std::size_t>(slots_.size() * 2, 1024);
  S1FLOW_TRY(std::byte* const block, store_->take(size * sizeof(Slot), BlockUse::scattered));
  drop_filter();
  const std::span<Slot> old =
      std::exchange(slots_, Slots({reinterpret_cast<Slot*>(block), size})).all();
  in_file_ = store_->in_file(block);
  if (in_file_) take_filter();
  move_from(old);
  if (!old.empty()) store_->give_back(reinterpret_cast<std::byte*>(old.data()));
  return {};
}

// Slots come near to where they stood, or as far again from the begin, so that both tables are gone
// through once, and of neither more than a window has to be in memory.
void RowIndex::move_from(std::span<const Slot> old) {
  const auto move = [this](const Slot& s) {
    if (s.row == 0) return;
    slots_.put(s);
    if (!filter_.empty()) note(s.tag);
  };
  if (!in_file_) {
    std::for_each(old.begin(), old.end(), move);
    return;
  }
  for (std::size_t begin = 0; begin < old.size(); begin += kWindow) {
    const std::size_t count = std::min(kWindow, old.size() - begin), bytes = count * sizeof(Slot);
    const std::array<std::byte*, 2> windows{
        reinterpret_cast<std::byte*>(&slots_.all()[begin]),
        reinterpret_cast<std::byte*>(&slots_.all()[old.size() + begin])};
    for (std::byte* w : windows) BlockStore::bring(w, bytes);
    for (const Slot& s : old.subspan(begin, count)) move(s);
    for (std::byte* w : windows) BlockStore::let_go(w, bytes);
    store_->relax();
  }
}

void RowIndex::take_filter() {
  const std::size_t filter_bytes = slots_.size() * kFilterBits / 8;
  const std::size_t late_bytes = slots_.size() / kSlotsForLate * 2 * sizeof(Slot);
  std::byte* const filter = store_->take_memory(filter_bytes);
  if (filter == nullptr) return;
  std::byte* const late = store_->take_memory(late_bytes);
  if (late == nullptr) return store_->give_back(filter);
  filter_ = {reinterpret_cast<std::uint64_t*>(filter), filter_bytes / sizeof(std::uint64_t)};
  late_ = Slots({reinterpret_cast<Slot*>(late), late_bytes / sizeof(Slot)});
}

void RowIndex::drop_filter() {
  if (filter_.empty()) return;
  settle_late();
  store_->give_back(reinterpret_cast<std::byte*>(late_.all().data()));
  store_->give_back(reinterpret_cast<std::byte*>(filter_.data()));
  late_ = {};
  filter_ = {};
}

void RowIndex::settle_late() {
  const std::span<Slot> late = late_.all();
  const auto occupied =
      std::partition(late.begin(), late.end(), [](const Slot& s) { return s.row != 0; });
  std::sort(late.begin(), occupied, [this](const Slot& a, const Slot& b) {
    return slots_.place(a.tag) < slots_.place(b.tag);
  });
  const std::span<Slot> slots = slots_.all();
  for (auto it = late.begin(); it != occupied;) {
    const std::size_t begin = slots_.place(it->tag) / kWindow * kWindow;
    const std::size_t count = std::min(kWindow, slots.size() - begin);
    auto* const window = reinterpret_cast<std::byte*>(&slots[begin]);
    BlockStore::bring(window, count * sizeof(Slot));
    for (; it != occupied && slots_.place(it->tag) < begin + count; ++it) slots_.put(*it);
    BlockStore::let_go(window, count * sizeof(Slot));
  }
  std::fill(late.begin(), late.end(), Slot{});
  late_count_ = 0;
}

}  // namespace s1flow::pipeline
