#pragma once
// LineValues: what one line of JSON Lines holds for a layout, key by key, whoever parsed the line.
// An object has one slot for each child of its node in the layout's plan, in the layout's order.
// Texts point into the line or into the chunk's arena.
//
// Not thread-safe; one per worker, reused.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace s1flow::codecs {

struct LineValues {
  static constexpr std::uint32_t kEnd = ~std::uint32_t{0};

  enum class Kind : std::uint8_t {
    none,  // the key is not there
    null,
    text,     // of a string, number or truth value
    object,   // its slots begin at `first`
    list,     // its items are the slots `first`, that one's `next` and so on up to kEnd
    no_text,  // an object or list stands where a text belongs; `bytes` is it, without white space
    ignored,  // it is there, and the layout has no use for it
  };
  struct Slot {
    const char* bytes = nullptr;
    std::uint32_t size = 0;
    std::uint32_t first = kEnd;
    std::uint32_t next = kEnd;
    Kind kind = Kind::none;

    void set(Kind as, std::string_view text) {
      kind = as;
      bytes = text.data();
      size = static_cast<std::uint32_t>(text.size());
    }
    [[nodiscard]] std::string_view text() const { return {bytes, size}; }
  };

  std::vector<Slot> slots;

  // For the next line. The room of one with very many items is given back.
  void clear() {
    constexpr std::size_t kKept = 16 * 1024;
    if (slots.capacity() > kKept)
      slots = std::vector<Slot>();
    else
      slots.clear();
  }
  // Room for the children of one object, or for one item; the index of the first slot.
  std::uint32_t open(std::size_t count) {
    const auto first = static_cast<std::uint32_t>(slots.size());
    slots.resize(slots.size() + count);
    return first;
  }
  // One more item of the list at `list`, whose last one so far is `last` (kEnd: none).
  std::uint32_t open_item(std::uint32_t list, std::uint32_t last) {
    const std::uint32_t item = open(1);
    (last == kEnd ? slots[list].first : slots[last].next) = item;
    return item;
  }
};

}  // namespace s1flow::codecs
