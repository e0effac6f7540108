#pragma once
// RowIndex: row numbers by hash. The keys stand in the rows, so the caller says whether a row
// matches.
//
// Open addressing, 8 bytes a slot. A slot keeps the half of the hash that its place follows from,
// so that growing goes from one end of the table to the other and asks no row. Once the slots lie
// in a file, each touch of one may cost a page: then a filter in memory (Bloom, CACM 13(7), 1970;
// two bits of one word for each row) answers for what was never added, and what is added waits in
// memory until enough has come to go through the file once, in the order of places.
//
// Rows are added by one thread, and none is looked for meanwhile; many may look at other times.

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/block_store.h"
#include "core/check.h"
#include "core/random.h"
#include "core/result.h"

namespace s1flow::pipeline {

inline constexpr std::uint32_t kNoRow = 0xFFFFFFFF;

class RowIndex {
 public:
  explicit RowIndex(BlockStore& store) : store_(&store) {}

  // A row under `hash` for which match(row) holds, or kNoRow.
  template <typename Match>
  [[nodiscard]] std::uint32_t find(std::uint64_t hash, Match match) const {
    const std::uint32_t tag = tag_of(hash);
    if (!filter_.empty()) {
      if (!may_have(tag)) return kNoRow;
      if (const std::uint32_t row = late_.find(tag, match); row != kNoRow) return row;
    }
    return slots_.find(tag, match);
  }
  // So that the next `count` rows can be added without fail.
  [[nodiscard]] Status make_room(std::size_t count);
  void add(std::uint64_t hash, std::uint32_t row);

  // Whether finding what is there may have to touch a file.
  [[nodiscard]] bool in_file() const { return in_file_; }
  [[nodiscard]] std::size_t bytes() const {
    return (slots_.size() + late_.size()) * sizeof(Slot) + filter_.size_bytes();
  }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  // As the store gives it: all zero is an empty slot.
  struct Slot {
    std::uint32_t tag;
    std::uint32_t row;  // + 1
  };
  class Slots {
   public:
    Slots() = default;
    explicit Slots(std::span<Slot> slots) : slots_(slots), mask_(slots.size() - 1) {}
    template <typename Match>
    [[nodiscard]] std::uint32_t find(std::uint32_t tag, Match match) const {
      if (slots_.empty()) return kNoRow;
      for (std::size_t i = place(tag);; i = (i + 1) & mask_) {
        const Slot& s = slots_[i];
        if (s.row == 0) return kNoRow;
        if (s.tag == tag && match(s.row - 1)) return s.row - 1;
      }
    }
    void put(Slot slot) {
      std::size_t i = place(slot.tag);
      while (slots_[i].row != 0) i = (i + 1) & mask_;
      slots_[i] = slot;
    }
    [[nodiscard]] std::size_t place(std::uint32_t tag) const { return tag & mask_; }
    [[nodiscard]] std::size_t size() const { return slots_.size(); }
    [[nodiscard]] std::span<Slot> all() const { return slots_; }

   private:
    std::span<Slot> slots_;
    std::size_t mask_ = 0;
  };

  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash); }
  // The word of the filter is told by the low bits of mix64(tag), the bits of the word by its top.
  static std::uint64_t bits_of(std::uint64_t mixed) {
    return std::uint64_t{1} << (mixed >> 58) | std::uint64_t{1} << (mixed >> 52 & 63);
  }
  [[nodiscard]] bool may_have(std::uint32_t tag) const {
    const std::uint64_t mixed = mix64(tag), bits = bits_of(mixed);
    return (filter_[mixed & (filter_.size() - 1)] & bits) == bits;
  }
  void note(std::uint32_t tag) {
    const std::uint64_t mixed = mix64(tag);
    filter_[mixed & (filter_.size() - 1)] |= bits_of(mixed);
  }
  Status grow();
  void move_from(std::span<const Slot> old);
  void take_filter();
  void drop_filter();
  void settle_late();

  BlockStore* store_;
  Slots slots_;
  std::size_t size_ = 0;
  bool in_file_ = false;
  // While the slots lie in a file, and memory has room for both of them; or empty.
  std::span<std::uint64_t> filter_;
  Slots late_;  // what is not among the slots yet
  std::size_t late_count_ = 0;
};

}  // namespace s1flow::pipeline
